// A plugin's shared library, opened and checked. The only user of Boost.DLL. Libraries stay mapped
// until the process ends: an engine's threads may still run in one, so no moment is safe to unload.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <lmbench/engine_abi.hpp>

namespace lmbench::plugin {

// Opens the library at an absolute path and checks magic, major version and size of its
// descriptor. What is not an ELF library with our symbol is refused before any of its code runs.
// The descriptor lives until the process ends. Throws Error (engine_unusable) with one sentence
// that names the file.
const PluginDescriptor& open_plugin(const std::filesystem::path& file);

}  // namespace lmbench::plugin
