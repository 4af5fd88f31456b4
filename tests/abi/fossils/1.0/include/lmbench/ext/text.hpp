// "lmbench.text/1": between text and tokens, with the engine's own tokenizer.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <lmbench/engine_abi.hpp>
namespace lmbench { inline namespace v1 {
class IText {
 public:
  // [any] *needed is the full length; only the first capacity items are written.
  virtual Code encode(StrView text, std::int32_t* tokens, std::uint64_t capacity,
                      std::uint64_t* needed, ErrorText* error) noexcept = 0;

  // [any] The same the other way round; the text is UTF-8.
  virtual Code decode(TokenView tokens, char* text, std::uint64_t capacity, std::uint64_t* needed,
                      ErrorText* error) noexcept = 0;
 protected:
  ~IText() = default;
};
}}  // namespace lmbench::v1
