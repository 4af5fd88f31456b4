// SPDX-License-Identifier: Apache-2.0
#include "plugin/engine_handle.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "error.hpp"

namespace lmbench::plugin {

EngineHandle create_engine(const PluginDescriptor& descriptor, IHost& host) {
  ErrorSpace error;
  EngineHandle engine(descriptor.create(&host, error.out()));
  if (engine == nullptr) {
    throw Error("plugin '" + std::string(descriptor.engine_name) +
                    "' could not make its engine: " + error.text(),
                ExitCode::engine_unusable);
  }
  return engine;
}

std::string ErrorSpace::text() const {
  // Only our own pointer and capacity count, whatever became of those in text_.
  const std::size_t bytes = std::min<std::size_t>(text_.size, buffer_.size());
  return bytes == 0 ? "no reason was given" : std::string(buffer_.data(), bytes);
}

std::string_view text_of(StrView view) noexcept {
  if (view.data == nullptr) return {};
  return {view.data, static_cast<std::size_t>(view.size)};
}

std::string name_of(Code code) {
  constexpr std::array<std::string_view, 11> kNames = {
      "ok",         "invalid_argument", "failed_precondition", "not_found", "unsupported",
      "overloaded", "out_of_memory",    "cancelled",           "deadline",  "device_error",
      "internal"};
  static_assert(static_cast<std::size_t>(Code::internal) + 1 == kNames.size());
  const auto number = static_cast<std::int32_t>(code);
  const auto index = static_cast<std::size_t>(number);
  if (number < 0 || index >= kNames.size()) return "code " + std::to_string(number);
  return std::string(kNames[index]);
}

}  // namespace lmbench::plugin
