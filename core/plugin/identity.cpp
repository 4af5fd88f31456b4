// SPDX-License-Identifier: Apache-2.0
#include "plugin/identity.hpp"

#include <link.h>

#include <algorithm>
#include <system_error>

#include "error.hpp"
#include "plugin/elf_file.hpp"
#include "sha256.hpp"

namespace lmbench::plugin {
namespace {

namespace fs = std::filesystem;

// The loader calls the program itself "", and the kernel's vdso has a name without a folder.
std::string path_of(const std::string& loader_name) {
  std::error_code error;
  const fs::path name = loader_name.empty() ? "/proc/self/exe" : loader_name;
  if (!name.has_parent_path()) return {};
  const fs::path path = fs::canonical(name, error);
  return error ? name.string() : path.string();
}

}  // namespace

std::vector<std::string> mapped_paths() {
  std::vector<std::string> names;
  ::dl_iterate_phdr(  // the loader is locked meanwhile
      [](dl_phdr_info* info, std::size_t, void* found) {
        static_cast<std::vector<std::string>*>(found)->emplace_back(info->dlpi_name);
        return 0;
      },
      &names);
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    std::string path = path_of(name);
    if (!path.empty()) paths.push_back(std::move(path));
  }
  return paths;
}

std::vector<MappedObject> objects_mapped_since(const std::vector<std::string>& before,
                                               const fs::path& plugin) {
  std::vector<std::string> paths = mapped_paths();
  std::erase_if(paths, [&](const std::string& path) {
    return path != plugin && std::find(before.begin(), before.end(), path) != before.end();
  });
  std::stable_partition(paths.begin(), paths.end(),
                        [&](const std::string& path) { return path == plugin; });
  std::vector<MappedObject> objects;
  for (const std::string& path : paths) {
    objects.push_back({path, sha256_of_file(path), build_id_of(path)});
  }
  return objects;
}

const MappedObject& own_executable() {
  static const MappedObject kOurs = [] {
    constexpr const char* kLink = "/proc/self/exe";  // opens the file that runs, whatever its name
    std::error_code error;
    const fs::path path = fs::read_symlink(kLink, error);
    return MappedObject{path.string(), sha256_of_file(kLink), build_id_of(kLink)};
  }();
  return kOurs;
}

std::string build_id_of(const fs::path& file) {
  try {
    return ElfFile(file).build_id();
  } catch (
      const Error&) {  // no ELF file, or a broken one: it has no build-id that could be trusted
    return {};
  }
}

}  // namespace lmbench::plugin
