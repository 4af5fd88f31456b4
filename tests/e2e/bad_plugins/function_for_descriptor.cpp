// Has a function where the descriptor should be.
// SPDX-License-Identifier: Apache-2.0
extern "C" __attribute__((visibility("default"))) int lmbench_plugin_v1() { return 1; }
