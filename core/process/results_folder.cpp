// SPDX-License-Identifier: Apache-2.0
#include "process/results_folder.hpp"

#include <array>
#include <ctime>

#include "error.hpp"

namespace lmbench::process {
namespace {

namespace fs = std::filesystem;

// A scenario's name is free text; a folder's is not.
std::string as_file_name(std::string name) {
  for (char& c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.';
    if (!plain) c = '_';
  }
  return name.empty() || name.front() == '.' ? "run" + name : name;
}

fs::path unused(const fs::path& wanted) {
  fs::path candidate = wanted;
  for (int i = 2; fs::exists(candidate); ++i) candidate = wanted.string() + "-" + std::to_string(i);
  return candidate;
}

}  // namespace

std::string utc_stamp(std::int64_t unix_seconds) {
  const std::time_t seconds = unix_seconds;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
  return text.data();
}

ResultsFolder make_results_folder(const std::optional<fs::path>& out, const std::string& name,
                                  std::int64_t unix_seconds) {
  try {
    ResultsFolder folder;
    if (out) {
      if (fs::exists(*out) && !fs::is_empty(*out)) {
        throw Error("the results folder '" + out->string() +
                    "' is not empty; name another one with --out, or remove it");
      }
      folder.root = fs::absolute(*out);
    } else {
      folder.root = unused(
          fs::absolute(fs::path("results") / (as_file_name(name) + "-" + utc_stamp(unix_seconds))));
    }
    fs::create_directories(folder.root / "events");
    return folder;
  } catch (const fs::filesystem_error& e) {
    throw Error("cannot make the results folder '" + e.path1().string() +
                "': " + e.code().message());
  }
}

// A run that was killed very early has made its folder and nothing else.
ResultsFolder existing_results_folder(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error)) {
    throw Error("there is no results folder '" + root.string() + "'");
  }
  const ResultsFolder folder{fs::absolute(root)};
  if (!fs::exists(folder.journal(), error) && !fs::is_empty(root, error) &&
      !fs::is_directory(folder.root / "events", error)) {
    throw Error("'" + root.string() + "' is not a results folder: it has no journal.jsonl");
  }
  fs::create_directories(folder.root / "events", error);
  if (error) throw Error("cannot write into '" + root.string() + "': " + error.message());
  return folder;
}

}  // namespace lmbench::process
