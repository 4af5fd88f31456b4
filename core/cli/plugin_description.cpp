// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_description.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <lmbench/engine_abi.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "error.hpp"
#include "plugin/engine_handle.hpp"
#include "plugin/host.hpp"
#include "plugin/library.hpp"
#include "process/child_process.hpp"
#include "process/message_channel.hpp"
#include "process/worker_link.hpp"

namespace lmbench::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

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

std::chrono::milliseconds left_until(Clock::time_point deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
}

// The message, or nothing when the child ended or the time is over.
std::optional<std::string> message_from(process::ChildProcess& child, Clock::time_point deadline) {
  process::MessageChannel channel(child.channel_fd());
  while (true) {
    if (auto message = channel.next()) return message;
    const auto left = left_until(deadline);
    if (left.count() <= 0) return std::nullopt;
    if (child.wait(left) && !channel.fill()) return channel.next();
  }
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

PluginDescription describe_plugin_in_child(const fs::path& plugin) {
  constexpr std::chrono::seconds kPatience{60};  // a descriptor and a create() that touch no device
  process::ChildProcess child({.executable = "/proc/self/exe",
                               .arguments = {"lmbench", "describe-plugin", plugin.string()},
                               .environment = {}},
                              {});
  const auto deadline = Clock::now() + kPatience;
  const auto message = message_from(child, deadline);
  child.wait_for_exit(left_until(deadline));
  const bool is_hanging = !child.exit_state();
  child.kill();
  if (is_hanging) {
    refuse(plugin,
           "hangs: it could not be described within " + std::to_string(kPatience.count()) + " s");
  }
  const process::ExitState state = child.exit_state().value_or(process::ExitState{});
  if (!message || !state.is_clean()) {
    const std::string words = process::last_line_of(child.last_words());
    refuse(plugin, "ends the process that loads it: " + process::describe(state) +
                       (words.empty() ? "" : "; last words: " + words));
  }
  try {
    const json read = json::parse(*message);
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
