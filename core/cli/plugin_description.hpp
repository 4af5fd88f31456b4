// What a plugin says about itself and offers, as asked for in a process of its own: its constructors
// and its create() run there, and if they end that process, this one has a sentence to tell.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lmbench::cli {

struct PluginDescription {
  std::string engine_name;
  std::string engine_version;
  std::string source_revision;
  std::string toolchain;
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor = 0;
  std::uint64_t capabilities = 0;
  std::vector<std::string> extensions;  // of those that lmbench knows
  std::string create_failure;           // a sentence, when there was no engine to ask
};

// Loads the plugin into this process, makes an engine and destroys it. Throws Error.
PluginDescription describe_plugin(const std::filesystem::path& plugin);

// The same in a child. Throws Error (engine_unusable) also when the child crashes or hangs.
PluginDescription describe_plugin_in_child(const std::filesystem::path& plugin,
                                           std::chrono::seconds patience);

// The child's side: sends to the descriptor fd what describe_plugin gives. False when nobody is
// there to hear it.
bool send_description(const std::filesystem::path& plugin, int fd);

// "token_ids, fixed_length"; a bit without a name is "bit 12".
std::string capability_names(std::uint64_t capabilities);

}  // namespace lmbench::cli
