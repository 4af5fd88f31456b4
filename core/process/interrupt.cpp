// SPDX-License-Identifier: Apache-2.0
#include "process/interrupt.hpp"

#include <signal.h>

#include <atomic>

namespace lmbench::process {
namespace {

// A signal handler can reach nothing but a global.
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void notice(int) { interrupted.store(true); }

void handle_with(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction hang_up {};
  ::sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);  // not under nohup
}

}  // namespace

// Without SA_RESTART, so that poll() returns at once.
InterruptGuard::InterruptGuard() {
  interrupted.store(false);
  handle_with(notice, static_cast<int>(SA_RESETHAND));
  ::signal(SIGPIPE, SIG_IGN);
}

InterruptGuard::~InterruptGuard() {
  handle_with(SIG_DFL, 0);
  ::signal(SIGPIPE, SIG_DFL);
}

bool is_interrupted() noexcept { return interrupted.load(); }

}  // namespace lmbench::process
