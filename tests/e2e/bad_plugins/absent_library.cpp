// What missing_library.cpp is linked to and does not find when it is loaded.
// SPDX-License-Identifier: Apache-2.0
int function_of_absent_library();
int function_of_absent_library() { return 1; }
