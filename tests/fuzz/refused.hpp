// What a reader may do with bytes that are no model: throw the error that users see. Any other
// exception escapes, and the fuzzer reports it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lmbench::fuzz {

template <class Error, class Action>
int refused_or_read(Action action) {
  try {
    action();
  } catch (const Error&) {
    return 0;
  }
  return 0;
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace lmbench::fuzz
