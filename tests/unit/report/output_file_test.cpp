// SPDX-License-Identifier: Apache-2.0
#include "report/output_file.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <string>

#include "error.hpp"
#include "temporary_folder.hpp"

using lmbench::Error;
using lmbench::report::OutputFile;
using lmbench::report::replace_file;
using lmbench::test::TemporaryFolder;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// No file of this process can grow beyond so many bytes meanwhile: as if the disk were full.
class FullAt {
 public:
  explicit FullAt(rlim_t bytes) : before_handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullAt(const FullAt&) = delete;
  FullAt& operator=(const FullAt&) = delete;
  ~FullAt() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, before_handler_);
  }
 private:
  rlimit before_{};
  void (*before_handler_)(int);
};

}  // namespace

TEST_CASE("appending goes on behind what is there, replacing begins anew") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "f";
  OutputFile(file, OutputFile::Mode::append).append_line("one\n");
  OutputFile(file, OutputFile::Mode::append).append_line("two\n");
  CHECK(read(file) == "one\ntwo\n");
  OutputFile(file, OutputFile::Mode::replace).append_line("three\n");
  CHECK(read(file) == "three\n");
}

TEST_CASE("a line that does not fit as a whole is an error") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "f";
  OutputFile out(file, OutputFile::Mode::append);
  out.append_line("12345678\n");
  std::string sentence;
  {
    const FullAt limit(12);
    try {
      out.append_line("12345678\n");
    } catch (const Error& e) {
      sentence = e.what();
    }
  }
  CHECK(sentence == "cannot write '" + file.string() + "': No space left on device");
}

TEST_CASE("a file that cannot be replaced stays as it was, and nothing is left beside it") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "f";
  replace_file(file, "the older one");
  bool has_failed = false;
  {
    const FullAt limit(20);
    try {
      replace_file(file, std::string(1000, 'x'));
    } catch (const Error&) {
      has_failed = true;
    }
  }
  CHECK(has_failed);
  CHECK(read(file) == "the older one");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}
