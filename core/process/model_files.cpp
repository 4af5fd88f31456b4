// SPDX-License-Identifier: Apache-2.0
#include "process/model_files.hpp"

#include <algorithm>
#include <filesystem>

namespace lmbench::process {
namespace {

namespace fs = std::filesystem;

const std::string* model_of(const scenario::Options& options) {
  const auto option = std::find_if(options.begin(), options.end(),
                                   [](const auto& entry) { return entry.first == "model"; });
  return option == options.end() ? nullptr : std::get_if<std::string>(&option->second);
}

void add_file(const fs::path& file, const std::string& name, std::vector<report::ModelFile>& to) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  if (!error) to.push_back({name, bytes});
}

}  // namespace

std::vector<report::ModelFile> model_files(const scenario::Options& options) {
  std::vector<report::ModelFile> files;
  const std::string* model = model_of(options);
  if (model == nullptr) return files;
  std::error_code error;
  if (fs::is_regular_file(*model, error)) {
    add_file(*model, fs::path(*model).filename().string(), files);
    return files;
  }
  if (!fs::is_directory(*model, error)) return files;
  fs::recursive_directory_iterator entry(*model, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    add_file(entry->path(), entry->path().lexically_relative(*model).generic_string(), files);
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace lmbench::process
