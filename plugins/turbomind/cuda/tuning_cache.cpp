// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/tuning_cache.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <lmbench/plugin.hpp>
#include <string_view>
#include <thread>
#include <utility>

#include "turbomind/cuda/device_probe.hpp"
#include "turbomind/model/text_file.hpp"

namespace turbomind::cuda {
namespace {

namespace fs = std::filesystem;
using lmbench::Code;
using lmbench::sdk::Error;

constexpr mode_t kFileMode = 0666;  // less what the user's mask takes away
// Who writes holds the lock for milliseconds; a process that was stopped meanwhile must not stop others.
constexpr std::chrono::seconds kLockPatience{1};
constexpr std::chrono::milliseconds kLockPause{1};

[[noreturn]] void refuse(const fs::path& file, int error_number) {
  throw Error(Code::invalid_argument,
              file.string() + " cannot be written: " + std::strerror(error_number) +
                  "; engine option cuda_tuning_cache names a file in a folder that exists and can "
                  "be written");
}

class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags)
      : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, kFileMode)) {
    if (descriptor_ < 0) refuse(path_, errno);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(descriptor_); }

  void lock() const {
    const auto end = std::chrono::steady_clock::now() + kLockPatience;
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const bool may_wait = errno == EWOULDBLOCK || errno == EINTR;
      if (!may_wait || std::chrono::steady_clock::now() > end) refuse(path_, errno);
      std::this_thread::sleep_for(kLockPause);
    }
  }

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) refuse(path_, errno);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor_) != 0) refuse(path_, errno);
  }
 private:
  const fs::path& path_;
  int descriptor_;
};

fs::path with_suffix(fs::path path, const char* suffix) { return path += suffix; }

// One writer at a time, of all processes that name the file. A file of its own, as the other is
// replaced; it stays.
class WriteLock {
 public:
  explicit WriteLock(const fs::path& file)
      : path_(with_suffix(file, ".lock")), file_(path_, O_CREAT | O_RDWR) {
    file_.lock();
  }
 private:
  fs::path path_;
  OpenFile file_;
};

bool is_there(const fs::path& file) {
  std::error_code error;  // of a folder that may not be read, which the next step tells
  return fs::exists(file, error);
}

TuningEntries read_entries(const fs::path& file) {
  if (!is_there(file)) return {};
  return parse_tuning(read_text_file(file), file.string());
}

// Under the lock. Readers see the old file or the new one, as a whole.
void replace_entries(const fs::path& file, const TuningEntries& entries) {
  // Renaming asks the folder alone: a file that was made read-only is meant to stay as it is.
  if (::access(file.c_str(), W_OK) != 0 && errno != ENOENT) refuse(file, errno);
  const fs::path temporary = with_suffix(file, ".new");
  OpenFile(temporary, O_CREAT | O_WRONLY | O_TRUNC).write(print_tuning(entries));
  if (::rename(temporary.c_str(), file.c_str()) != 0) refuse(file, errno);
}

// As it is now, links followed: the process may go to another folder, and a link shall not be replaced
// by a file.
fs::path resolved(const fs::path& file) {
  std::error_code error;
  fs::path path = fs::weakly_canonical(fs::absolute(file), error);
  if (error) refuse(file, error.value());
  return path;
}

}  // namespace

TuningCache::TuningCache(const fs::path& file, TuningDomain domain)
    : file_(resolved(file)), domain_(std::move(domain)) {
  if (!is_there(file_)) {
    const WriteLock lock(file_);
    if (!is_there(file_)) replace_entries(file_, {});
  }
  for (const auto& [key, algorithm] : read_entries(file_)) {
    if (key.domain == domain_) known_.emplace(key.shape, algorithm);
  }
}

const ProductAlgorithm* TuningCache::find(const TunedShape& shape) const {
  const auto found = known_.find(shape);
  return found == known_.end() ? nullptr : &found->second;
}

ProductAlgorithm TuningCache::keep(const TunedShape& shape, const ProductAlgorithm& chosen,
                                   const std::function<bool(const ProductAlgorithm&)>& can_run) {
  try {
    const WriteLock lock(file_);
    TuningEntries entries = read_entries(file_);
    const auto found = entries.find({domain_, shape});
    if (found != entries.end() && can_run(found->second)) return found->second;
    entries.insert_or_assign({domain_, shape}, chosen);
    for (const auto& [earlier, algorithm] : unsaved_) {
      entries.emplace(TuningKey{domain_, earlier}, algorithm);
    }
    replace_entries(file_, entries);
    unsaved_.clear();
  } catch (const std::exception&) {
    // A file that was damaged since is left as it is, too.
    unsaved_.insert_or_assign(shape, chosen);
  }
  unsaved_choices_ = unsaved_.size();
  return chosen;
}

std::unique_ptr<TuningCache> open_tuning_cache(const std::string& file, std::uint32_t device,
                                               DataType type) {
  if (file.empty()) return nullptr;
  return std::make_unique<TuningCache>(
      file, TuningDomain{name_of_device(device), cublas_lt_library().get_version(), type});
}

}  // namespace turbomind::cuda
