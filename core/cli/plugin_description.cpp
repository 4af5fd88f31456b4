// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_description.hpp"

#include <array>
#include <cstdio>
#include <lmbench/engine_abi.hpp>
#include <nlohmann/json.hpp>

#include "error.hpp"
#include "plugin/engine_handle.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"
#include "process/child_answer.hpp"
#include "process/message_channel.hpp"

namespace lmbench::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::array<const char*, 5> kExtensions = {"lmbench.model/1", "lmbench.memory/1",
                                                    "lmbench.roofline/1", "lmbench.text/1",
                                                    "lmbench.convert/1"};

// In the order of their bits.
constexpr std::array<const char*, 8> kCapabilities = {"token_ids",   "fixed_length", "stop_tokens",
                                                      "sampling",    "cancel",       "prefix_cache",
                                                      "engine_time", "repeatable"};
static_assert(kCapRepeatable == 1U << (kCapabilities.size() - 1));

void ask_engine(const PluginDescriptor& descriptor, PluginDescription& description) {
  plugin::Host host([](int, const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());  // its last words, if it ends here
  });
  try {
    const plugin::EngineHandle engine = plugin::create_engine(descriptor, host);
    for (const char* id : kExtensions) {
      if (plugin::extension_of<void>(*engine, id) != nullptr) description.extensions.push_back(id);
    }
  } catch (const Error& e) {
    description.create_failure = e.what();
  }
}

[[noreturn]] void refuse(const fs::path& plugin, const std::string& what) {
  throw Error("'" + plugin.string() + "' " + what, ExitCode::engine_unusable);
}

}  // namespace

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PluginDescription, engine_name, engine_version, source_revision,
                                   toolchain, abi_major, abi_minor, capabilities, extensions,
                                   create_failure)

PluginDescription describe_plugin(const fs::path& plugin) {
  const PluginDescriptor& descriptor = plugin::open_plugin(plugin);
  PluginDescription description{.engine_name = descriptor.engine_name,
                                .engine_version = descriptor.engine_version,
                                .source_revision = descriptor.source_revision,
                                .toolchain = descriptor.toolchain,
                                .abi_major = descriptor.abi_major,
                                .abi_minor = descriptor.abi_minor,
                                .capabilities = descriptor.capabilities,
                                .extensions = {},
                                .create_failure = {}};
  ask_engine(descriptor, description);
  return description;
}

bool send_description(const fs::path& plugin, int fd) {
  json message;
  try {
    message["description"] = describe_plugin(plugin);
  } catch (const Error& e) {
    message["error"] = e.what();
  }
  return process::MessageChannel(fd).send(
      message.dump(-1, ' ', false, json::error_handler_t::replace));
}

PluginDescription describe_plugin_in_child(const fs::path& plugin, std::chrono::seconds patience) {
  const process::ChildAnswer answer =
      process::ask_child({"describe-plugin", plugin.string()}, patience);
  if (answer.is_hanging) {
    refuse(plugin,
           "hangs: it could not be described within " + std::to_string(patience.count()) + " s");
  }
  if (!answer.is_sound()) {
    refuse(plugin, "ends the process that loads it: " + answer.failure());
  }
  try {
    const json read = json::parse(*answer.message);
    if (read.contains("error")) {
      throw Error(read.at("error").get<std::string>(), ExitCode::engine_unusable);
    }
    return read.at("description").get<PluginDescription>();
  } catch (const json::exception& e) {
    refuse(plugin, std::string("was not described in a form that can be read: ") + e.what());
  }
}

std::string capability_names(std::uint64_t capabilities) {
  std::string names;
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if ((capabilities >> bit & 1U) == 0) continue;
    if (!names.empty()) names += ", ";
    names += bit < kCapabilities.size() ? kCapabilities[bit] : "bit " + std::to_string(bit);
  }
  return names;
}

}  // namespace lmbench::cli
