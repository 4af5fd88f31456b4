// Ctrl-C, SIGTERM and SIGHUP (a terminal that was closed), noticed instead of obeyed while an
// InterruptGuard lives: the run ends its case, writes what it has and says so. A second one ends the
// process as usual. A reader of our output that goes away (SIGPIPE) ends nothing meanwhile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lmbench::process {

class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

bool is_interrupted() noexcept;

}  // namespace lmbench::process
