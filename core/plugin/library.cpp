// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

// Boost.DLL without Boost.Filesystem: nothing of Boost is linked that a plugin could bind to.
#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>

#include "error.hpp"
#include "plugin/elf_file.hpp"

namespace lmbench::plugin {
namespace {

namespace fs = std::filesystem;
namespace dll = boost::dll;

constexpr std::string_view kSymbol = LMBENCH_PLUGIN_SYMBOL;
constexpr std::string_view kSymbolStem =
    kSymbol.substr(0, kSymbol.find_last_not_of("0123456789") + 1);

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error("'" + file.string() + "' " + what, ExitCode::engine_unusable);
}

std::string our_abi() { return std::to_string(LMBENCH_ABI_MAJOR); }

[[noreturn]] void refuse_major(const fs::path& file, const std::string& theirs) {
  refuse(file, "is a plugin of ABI " + theirs + ", but this lmbench speaks ABI " + our_abi() +
                   "; rebuild it with the headers of this lmbench");
}

// Before the library is loaded, which would already run its constructors.
void check_symbol(const fs::path& file) {
  const std::vector<ElfSymbol> symbols = ElfFile(file).exported_symbols();
  const auto exported = [&symbols](auto is_wanted) {
    return std::find_if(symbols.begin(), symbols.end(), is_wanted);
  };
  const auto ours = exported([](const ElfSymbol& symbol) { return symbol.name == kSymbol; });
  if (ours == symbols.end()) {
    const auto other = exported([](const ElfSymbol& s) { return s.name.starts_with(kSymbolStem); });
    if (other != symbols.end()) refuse_major(file, other->name.substr(kSymbolStem.size()));
    refuse(file, "is not a plugin of lmbench: it does not export " + std::string(kSymbol));
  }
  if (!ours->is_data || ours->bytes < kDescriptorSize_1_0) {
    refuse(file, "exports " + std::string(kSymbol) + ", but not as a PluginDescriptor");
  }
}

// Kept for ever, so it has no destructor to run at the end of the process.
struct Registry {
  std::mutex mutex;
  std::map<fs::path, dll::shared_library> libraries;
};

Registry& registry() {
  static auto* const instance = new Registry;
  return *instance;
}

// The loader's sentence, without the path with which it often begins: ours has it in front.
std::string loader_sentence(const fs::path& file) {
  const char* const text = ::dlerror();
  std::string sentence = text != nullptr ? text : "the loader does not say why";
  const std::string prefix = file.string() + ": ";
  if (sentence.starts_with(prefix)) sentence.erase(0, prefix.size());
  return sentence;
}

dll::shared_library load(const fs::path& file) {
  // A missing function must be missed now, not at token 10 000; nobody else may bind to it; and it
  // stays, whoever closes it.
  const auto mode = dll::load_mode::rtld_now | dll::load_mode::rtld_local |
                    static_cast<dll::load_mode::type>(RTLD_NODELETE);
  std::error_code error;
  dll::shared_library library;
  library.load(file, error, mode);
  if (error) refuse(file, "cannot be loaded: " + loader_sentence(file));
  return library;
}

// Cheap, and enough to catch a descriptor that was filled in by hand; a pointer into nowhere still
// ends the process, which is why a worker does this.
bool is_text(const char* text) {
  constexpr std::size_t kLongest = 4096;
  return text != nullptr && ::strnlen(text, kLongest) < kLongest;
}

void check_descriptor(const fs::path& file, const PluginDescriptor& descriptor) {
  if (descriptor.magic != kMagic) {
    refuse(file, "has a descriptor that does not begin with the magic number of lmbench");
  }
  if (descriptor.abi_major != LMBENCH_ABI_MAJOR) {
    refuse_major(file, std::to_string(descriptor.abi_major));
  }
  if (descriptor.struct_size < kDescriptorSize_1_0) {
    refuse(file, "has a descriptor of " + std::to_string(descriptor.struct_size) +
                     " bytes, and the ABI asks for " + std::to_string(kDescriptorSize_1_0));
  }
  const bool has_texts = is_text(descriptor.engine_name) && is_text(descriptor.engine_version) &&
                         is_text(descriptor.source_revision) && is_text(descriptor.toolchain);
  if (!has_texts || *descriptor.engine_name == '\0') {
    refuse(file, "has a descriptor without its name, version, revision or toolchain");
  }
  if (descriptor.create == nullptr) refuse(file, "has a descriptor without its create function");
}

}  // namespace

const PluginDescriptor& open_plugin(const fs::path& file) {
  Registry& opened = registry();
  const std::scoped_lock lock(opened.mutex);
  auto found = opened.libraries.find(file);
  if (found == opened.libraries.end()) {
    check_symbol(file);
    found = opened.libraries.emplace(file, load(file)).first;
  }
  const auto& descriptor = found->second.get<const PluginDescriptor>(LMBENCH_PLUGIN_SYMBOL);
  check_descriptor(file, descriptor);
  return descriptor;
}

}  // namespace lmbench::plugin
