// An engine that this process owns: made by a plugin's create(), ended by its own destroy(). And
// the space for the sentences that its functions fill.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <lmbench/engine_abi.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace lmbench::plugin {

struct EngineDestroyer {
  void operator()(IGenerationEngine* engine) const noexcept { engine->destroy(); }
};
using EngineHandle = std::unique_ptr<IGenerationEngine, EngineDestroyer>;

// [control] Throws Error (engine_unusable) with the plugin's sentence. The host must outlive it.
EngineHandle create_engine(const PluginDescriptor& descriptor, IHost& host);

// Space for one sentence, handed to a call as an ErrorText.
class ErrorSpace {
 public:
  ErrorText* out() noexcept {
    text_ = {buffer_.data(), static_cast<std::uint32_t>(buffer_.size()), 0};
    return &text_;
  }
  // What the call wrote; "no reason was given" if nothing.
  std::string text() const;
 private:
  std::array<char, 4096> buffer_;
  ErrorText text_{};
};

// What a plugin says; also of a null pointer, which plugins send for "nothing". Valid as long as
// what it was made from.
std::string_view text_of(StrView view) noexcept;

// "invalid_argument"; "code 77" for a number that this ABI does not know.
std::string name_of(Code code);

// An optional interface of an engine, or null.
template <class Interface>
Interface* extension_of(IGenerationEngine& engine, const char* id) noexcept;

}  // namespace lmbench::plugin

#include <cstring>

template <class Interface>
Interface* lmbench::plugin::extension_of(IGenerationEngine& engine, const char* id) noexcept {
  return static_cast<Interface*>(engine.extension({id, std::strlen(id)}));
}
