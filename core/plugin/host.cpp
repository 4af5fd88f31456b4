// SPDX-License-Identifier: Apache-2.0
#include "plugin/host.hpp"

#include <algorithm>
#include <string_view>

#include "clock.hpp"
#include "plugin/engine_handle.hpp"

namespace lmbench::plugin {

Host::Host(Log log) : log_(std::move(log)) {}

LoadProgress Host::load_progress() const {
  const std::scoped_lock lock(mutex_);
  return progress_;
}

std::uint32_t Host::abi_minor() noexcept { return LMBENCH_ABI_MINOR; }

std::uint64_t Host::now_ns() noexcept { return monotonic_now_ns(); }

void Host::log(LogLevel level, StrView message) noexcept {
  try {
    const LogLevel known = std::clamp(level, LogLevel::trace, LogLevel::error);
    if (log_) log_(static_cast<int>(known), std::string(text_of(message)));
  } catch (...) {  // a line that cannot be kept must not end the engine
  }
}

void* Host::extension(StrView id) noexcept {
  if (text_of(id) == "lmbench.progress/1") return static_cast<IProgress*>(this);
  return nullptr;
}

void Host::on_load_progress(StrView stage, double fraction) noexcept {
  try {
    LoadProgress progress{std::string(text_of(stage)), 0.0};
    if (fraction > 0) progress.fraction = std::min(fraction, 1.0);  // not a number: 0
    const std::scoped_lock lock(mutex_);
    progress_ = std::move(progress);
  } catch (...) {  // out of memory: the stage before stays
  }
}

}  // namespace lmbench::plugin
