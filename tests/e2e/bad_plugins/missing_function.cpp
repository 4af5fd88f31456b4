// Calls a function that nobody has, as a plugin built against another version of a library does.
// SPDX-License-Identifier: Apache-2.0
#include "bent_descriptor.hpp"

extern "C" void function_of_nobody();

LMBENCH_BENT_PLUGIN((void)descriptor);

extern "C" __attribute__((visibility("default"))) void call_it();
extern "C" void call_it() { function_of_nobody(); }
