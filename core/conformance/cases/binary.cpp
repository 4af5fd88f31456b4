// What the file says before any of it runs, and what loading it does.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <array>

#include "clock.hpp"
#include "conformance/check_case.hpp"
#include "error.hpp"
#include "plugin/elf_file.hpp"
#include "plugin/engine_handle.hpp"
#include "plugin/host.hpp"
#include "plugin/identity.hpp"
#include "plugin/library.hpp"
#include "report/number_text.hpp"
#include "telemetry/process_counters.hpp"

namespace lmbench::conformance {
namespace {

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > kMost ? text + " and " + std::to_string(names.size() - kMost) + " more"
                              : text;
}

// The entry of this ABI, or of another version, which a plugin may offer as well.
bool is_entry(const std::string& name) { return name.rfind("lmbench_plugin_v", 0) == 0; }

Finding exports_one_symbol(const Subject& subject) {
  std::vector<std::string> others;
  for (const auto& symbol : plugin::ElfFile(subject.plugin).exported_symbols()) {
    if (!is_entry(symbol.name)) others.push_back(symbol.name);
  }
  if (others.empty()) return pass("nothing but " LMBENCH_PLUGIN_SYMBOL " can be bound to");
  return fail("it exports other symbols too, which can be bound to or displaced: " +
              listed(others) + "; link with the version script of lmbench_add_plugin()");
}

Finding no_unique_symbols(const Subject& subject) {
  std::vector<std::string> unique;
  for (const auto& symbol : plugin::ElfFile(subject.plugin).exported_symbols()) {
    if (symbol.is_unique) unique.push_back(symbol.name);
  }
  if (unique.empty()) return pass("no symbol is shared by all libraries of a process");
  return fail("its statics would be shared with another build in one process: " + listed(unique) +
              "; compile with -fno-gnu-unique");
}

Finding has_build_id(const Subject& subject) {
  const std::string id = plugin::ElfFile(subject.plugin).build_id();
  if (!id.empty()) return pass("its build-id is " + id);
  return fail("it has no build-id, by which results name their build; link with --build-id");
}

Finding binds_now(const Subject& subject) {
  plugin::open_plugin(subject.plugin);
  return pass("every function that it needs was found when it was loaded");
}

const PluginDescriptor& opened(const Subject& subject) {
  try {
    return plugin::open_plugin(subject.plugin);
  } catch (const Error& e) {
    throw CaseEnd{skip("it cannot be loaded, which binary/binds-now is about")};
  }
}

Finding descriptor_complete(const Subject& subject) {
  const PluginDescriptor& descriptor = opened(subject);
  constexpr std::uint64_t kKnown = (kCapRepeatable << 1U) - 1;
  const std::string name = std::string(descriptor.engine_name) + " " + descriptor.engine_version;
  if (*descriptor.engine_version == '\0' || *descriptor.toolchain == '\0') {
    return fail("engine '" + name + "' has an empty version or toolchain");
  }
  if ((descriptor.capabilities & ~kKnown) != 0 && descriptor.abi_minor <= LMBENCH_ABI_MINOR) {
    return fail("it claims capabilities that its ABI " LMBENCH_PLUGIN_SYMBOL " does not have");
  }
  return pass("engine '" + name + "', made by " + descriptor.toolchain);
}

plugin::Host& quiet_host() {
  static plugin::Host host([](int, const std::string&) {});
  return host;
}

Finding describe_under_100_ms(const Subject& subject) {
  constexpr double kMostMs = 100;
  constexpr int kTries = 3;
  double least_ms = 1e9;
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t begin_ns = monotonic_now_ns();
    plugin::create_engine(opened(subject), quiet_host()).reset();
    least_ms = std::min(least_ms, static_cast<double>(monotonic_now_ns() - begin_ns) * 1e-6);
  }
  const std::string took = report::significant_text(least_ms, 2) + " ms";
  if (least_ms <= kMostMs) return pass("create() and destroy() took " + took);
  return fail("create() and destroy() took " + took + " in the best of 3 tries, more than 100 ms");
}

bool has_device_library() {
  const std::vector<std::string> paths = plugin::mapped_paths();
  constexpr std::array<const char*, 3> kLibraries = {"/libcuda.so", "/libamdhip64.so",
                                                     "/libze_loader.so"};
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    return std::any_of(kLibraries.begin(), kLibraries.end(), [&](const char* library) {
      return path.find(library) != std::string::npos;
    });
  });
}

Finding describe_touches_no_device(const Subject& subject) {
  const PluginDescriptor& descriptor = opened(subject);
  const bool is_linked = has_device_library();  // linked against a driver, which is no use of it
  const plugin::EngineHandle engine = plugin::create_engine(descriptor, quiet_host());
  if (!is_linked && has_device_library()) return fail("create() loads the driver of a device");
  if (telemetry::has_gpu_open("/", static_cast<std::uint32_t>(::getpid()))) {
    return fail("create() opens a device");
  }
  return pass("neither a driver nor a device is touched before load()");
}

constexpr std::array<CheckCase, 7> kCases = {{
    {"binary/exports-one-symbol", "nothing but the entry can be bound to", exports_one_symbol},
    {"binary/no-unique-symbols", "no static is shared by all libraries of a process",
     no_unique_symbols},
    {"binary/has-build-id", "results can name the build", has_build_id},
    {"binary/binds-now", "it loads, with every function found at once", binds_now},
    {"binary/descriptor-complete", "name, version, toolchain and claims make sense",
     descriptor_complete},
    {"binary/describe-under-100-ms", "create() and destroy() are cheap", describe_under_100_ms},
    {"binary/describe-touches-no-device", "create() leaves devices alone",
     describe_touches_no_device},
}};

}  // namespace

std::span<const CheckCase> binary_cases() { return kCases; }

}  // namespace lmbench::conformance
