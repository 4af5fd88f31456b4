// What the runner offers to an engine: clock, log and, through lmbench.progress/1, a place to say
// how far a long load is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <lmbench/engine_abi.hpp>
#include <lmbench/ext/progress.hpp>
#include <mutex>
#include <string>

namespace lmbench::plugin {

struct LoadProgress {
  std::string stage;
  double fraction = 0;
};

class Host final : public IHost, private IProgress {
 public:
  // log: [any] level is a LogLevel. May throw: what it throws is dropped.
  using Log = std::function<void(int level, const std::string& text)>;
  explicit Host(Log log);
  virtual ~Host() = default;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  LoadProgress load_progress() const;  // [any]

  std::uint32_t abi_minor() noexcept override;
  std::uint64_t now_ns() noexcept override;
  void log(LogLevel level, StrView message) noexcept override;
  void* extension(StrView id) noexcept override;
 private:
  void on_load_progress(StrView stage, double fraction) noexcept override;

  Log log_;
  mutable std::mutex mutex_;
  LoadProgress progress_;
};

}  // namespace lmbench::plugin
