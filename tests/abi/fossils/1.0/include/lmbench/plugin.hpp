// SDK for plugin authors, in namespace lmbench::sdk; compiled into each plugin, no part of the ABI.
// C++17 and later.
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstring>
#include <exception>
#include <lmbench/engine_abi.hpp>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

// Each plugin has an SDK of its own, whatever version of it the others have.
#define LMBENCH_HIDDEN [[gnu::visibility("hidden")]]

namespace lmbench { namespace LMBENCH_HIDDEN sdk { inline namespace v1_0 {

// A text of the ABI for this side, not copied.
inline std::string_view view(StrView s) { return {s.data, static_cast<std::size_t>(s.size)}; }
// The other way round; the text must stay as long as the call lasts.
inline StrView abi(std::string_view s) { return {s.data(), s.size()}; }

// Thrown inside of guarded(): what the runner is told.
class Error : public std::runtime_error {
 public:
  // text: a sentence that says what to do.
  Error(Code code, const std::string& text) : std::runtime_error(text), code_(code) {}
  Code code() const noexcept { return code_; }
 private:
  Code code_;
};

// Writes the text, cut to what fits, and returns the code. A null `out` is fine.
inline Code fail(ErrorText* out, Code code, std::string_view text) noexcept {
  if (out != nullptr && out->data != nullptr) {
    out->size = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), out->capacity));
    std::memcpy(out->data, text.data(), out->size);
  }
  return code;
}

// Runs a body that returns a Code. What it throws becomes a Code and a text: sdk::Error as it says,
// std::bad_alloc out_of_memory, std::invalid_argument invalid_argument, all else internal.
template <class Body>
Code guarded(ErrorText* error, Body&& body) noexcept {
  try {
    return body();
  } catch (const Error& e) {
    return fail(error, e.code(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(error, Code::out_of_memory, "out of host memory");
  } catch (const std::invalid_argument& e) {
    return fail(error, Code::invalid_argument, e.what());
  } catch (const std::exception& e) {
    return fail(error, Code::internal, e.what());
  } catch (...) {
    return fail(error, Code::internal, "unknown exception");
  }
}

// The reader's T from a writer's older or newer one: the common prefix copied, the rest zero.
template <class T>
T read_sized(const T* in) noexcept {
  T out{};
  std::memcpy(&out, in, std::min<std::size_t>(in->struct_size, sizeof(T)));
  out.struct_size = sizeof(T);
  return out;
}

// What LMBENCH_PLUGIN makes an engine with: new Engine(host).
template <class Engine>
IGenerationEngine* create(IHost* host, ErrorText* error) noexcept {
  IGenerationEngine* made = nullptr;
  guarded(error, [&] {
    made = new Engine(host);
    return Code::ok;
  });
  return made;
}

}}}  // namespace lmbench::sdk::v1_0

#define LMBENCH_STR_(x) #x
#define LMBENCH_STR(x) LMBENCH_STR_(x)
#if defined(_LIBCPP_VERSION)
#define LMBENCH_STDLIB ", libc++ " LMBENCH_STR(_LIBCPP_VERSION)
#else
#define LMBENCH_STDLIB ", libstdc++ " LMBENCH_STR(_GLIBCXX_RELEASE)
#endif
#if defined(__clang__)
#define LMBENCH_TOOLCHAIN __VERSION__ LMBENCH_STDLIB
#else
#define LMBENCH_TOOLCHAIN "g++ " __VERSION__ LMBENCH_STDLIB
#endif
#ifndef LMBENCH_SOURCE_REVISION
// What `lmbench inspect` shows; to be defined by whoever compiles the plugin, with -D.
#define LMBENCH_SOURCE_REVISION "unknown"
#endif

// The last line of a plugin's file: defines the descriptor. ENGINE has a constructor from IHost*, is
// an IGenerationEngine, and deletes itself in destroy().
#define LMBENCH_PLUGIN(NAME, VERSION, CAPABILITIES, ENGINE)              \
  LMBENCH_EXPORT const ::lmbench::PluginDescriptor lmbench_plugin_v1 = { \
      ::lmbench::kMagic, sizeof(::lmbench::PluginDescriptor),            \
      LMBENCH_ABI_MAJOR, LMBENCH_ABI_MINOR,                              \
      CAPABILITIES,      NAME,                                           \
      VERSION,           LMBENCH_SOURCE_REVISION,                        \
      LMBENCH_TOOLCHAIN, &::lmbench::sdk::create<ENGINE>}
