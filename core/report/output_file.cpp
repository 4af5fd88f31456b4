// SPDX-License-Identifier: Apache-2.0
#include "report/output_file.hpp"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>

#include "error.hpp"

namespace lmbench::report {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_on(const fs::path& file, int error_number, ExitCode code) {
  throw Error("cannot write '" + file.string() + "': " + ::strerrordesc_np(error_number), code);
}

// A new name is on the disk only when its folder is. Some file systems refuse to sync a folder, so
// this is tried, not demanded.
void sync_folder_of(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

ssize_t write_some(int fd, std::string_view bytes) {
  while (true) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0 || errno != EINTR) return written;
  }
}

}  // namespace

OutputFile::OutputFile(fs::path file, Mode mode)
    : path_(std::move(file)),
      fd_(::open(path_.c_str(),
                 O_WRONLY | O_CREAT | O_CLOEXEC | (mode == Mode::append ? O_APPEND : O_TRUNC),
                 0644)) {
  if (fd_ < 0) fail_on(path_, errno, ExitCode::bad_usage);  // a path that someone named
  sync_folder_of(path_);
}

OutputFile::~OutputFile() { ::close(fd_); }

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write_some(fd_, bytes);
    if (written < 0) fail(errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void OutputFile::append_line(std::string_view line) {
  const ssize_t written = write_some(fd_, line);
  if (written < 0) fail(errno);
  if (static_cast<std::size_t>(written) != line.size()) fail(ENOSPC);  // the disk filled up in it
  sync();
}

void OutputFile::sync() {
  // EINVAL: not a regular file (a pipe, /dev/stdout), which has nothing to sync.
  if (::fsync(fd_) != 0 && errno != EINVAL) fail(errno);
}

void OutputFile::fail(int error_number) const {
  fail_on(path_, error_number, ExitCode::benchmark_says_no);
}

void replace_file(const fs::path& file, std::string_view bytes) {
  fs::path temporary = file;
  temporary += ".new";
  try {
    OutputFile out(temporary, OutputFile::Mode::replace);
    out.write(bytes);
    out.sync();
  } catch (const Error&) {
    ::unlink(temporary.c_str());  // a half of it would only take the room that is missing
    throw;
  }
  if (::rename(temporary.c_str(), file.c_str()) != 0) {
    fail_on(file, errno, ExitCode::benchmark_says_no);
  }
  sync_folder_of(file);
}

void cut_file(const fs::path& file, std::uintmax_t bytes) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error || size <= bytes) return;
  fs::resize_file(file, bytes, error);
  if (error) fail_on(file, error.value(), ExitCode::benchmark_says_no);
  OutputFile(file, OutputFile::Mode::append).sync();
}

}  // namespace lmbench::report
