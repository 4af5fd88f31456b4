// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/weight_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <lmbench/plugin.hpp>
#include <system_error>

namespace turbomind {
namespace {

using lmbench::Code;
using lmbench::sdk::Error;

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

WeightFile::WeightFile(const std::filesystem::path& path) : path_(path) {
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    throw Error(Code::not_found, "cannot open " + path.string() + ": " + reason());
  }
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw Error(Code::not_found, path.string() + " is not a regular file");
  }
  size_bytes_ = static_cast<std::uint64_t>(status.st_size);
}

WeightFile::~WeightFile() { ::close(descriptor_); }

void WeightFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t count = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(Code::internal, "cannot read " + path_.string() + ": " + reason());
    }
    if (count == 0) {
      throw Error(Code::invalid_argument, path_.string() + " ended at byte " +
                                              std::to_string(offset) + " while it was read");
    }
    out = out.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

}  // namespace turbomind
