// SPDX-License-Identifier: Apache-2.0
#include "report/event_files.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "error.hpp"
#include "temporary_folder.hpp"

using lmbench::Error;
using lmbench::report::read_events;
using lmbench::report::read_requests;
using lmbench::report::write_events;
using lmbench::report::write_requests;
using lmbench::stats::EventRecord;
using lmbench::stats::RequestRecord;
using lmbench::test::TemporaryFolder;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

std::vector<EventRecord> two_events() {
  return {{.t_ns = 0x0102030405060708,
           .engine_ns = 9,
           .slot = 10,
           .batch = 11,
           .token_count = 12,
           .kind = 0,
           .finish = 0,
           .error = 0},
          {.t_ns = 2,
           .engine_ns = 0,
           .slot = 1,
           .batch = 0,
           .token_count = 0,
           .kind = 2,
           .finish = 1,
           .error = 0x0A0B}};
}

RequestRecord one_request() {
  return {.due_ns = 1,
          .submit_ns = 2,
          .accept_ns = 3,
          .admit_ns = 4,
          .round = 5,
          .sequence = 6,
          .prompt_tokens = 7,
          .requested_tokens = 8,
          .cached_prompt_tokens = 9,
          .is_warmup = 1,
          .reserved = 0};
}

bool equal(const EventRecord& a, const EventRecord& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

std::string refusal_of_events(const std::filesystem::path& file) {
  try {
    read_events(file);
  } catch (const Error& e) {
    CHECK(e.exit_code() == lmbench::ExitCode::benchmark_says_no);
    return e.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("the bytes of an event file are those of the .npy format") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "e.npy";
  write_events(file, two_events());
  const std::string dictionary =
      "{'descr': [('t_ns', '<u8'), ('engine_ns', '<u8'), ('slot', '<u4'), ('batch', '<u4'), "
      "('token_count', '<u4'), ('kind', '|u1'), ('finish', '|u1'), ('error', '<u2')], "
      "'fortran_order': False, 'shape': (2,), }";
  // 10 bytes in front; the next multiple of 64 behind 10 + 204 + 1 is 256, and 246 = 0xF6.
  REQUIRE(dictionary.size() == 204);
  const std::string expected = std::string("\x93NUMPY\x01\x00\xF6\x00", 10) + dictionary +
                               std::string(246 - 204 - 1, ' ') + "\n" +
                               std::string(
                                   "\x08\x07\x06\x05\x04\x03\x02\x01"
                                   "\x09\0\0\0\0\0\0\0"
                                   "\x0A\0\0\0\x0B\0\0\0\x0C\0\0\0\0\0\0\0"
                                   "\x02\0\0\0\0\0\0\0"
                                   "\0\0\0\0\0\0\0\0"
                                   "\x01\0\0\0\0\0\0\0\0\0\0\0\x02\x01\x0B\x0A",
                                   64);
  CHECK(read(file) == expected);
}

TEST_CASE("what was written is read back, and an older file of the name is gone") {
  const TemporaryFolder folder;
  const auto events_file = folder.path() / "e.npy";
  write_events(events_file, std::vector<EventRecord>(1000, two_events()[0]));
  write_events(events_file, two_events());
  const auto events = read_events(events_file);
  REQUIRE(events.size() == 2);
  CHECK(equal(events[0], two_events()[0]));
  CHECK(equal(events[1], two_events()[1]));

  const auto requests_file = folder.path() / "r.npy";
  write_requests(requests_file, std::vector<RequestRecord>{one_request()});
  const auto requests = read_requests(requests_file);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].admit_ns == 4);
  CHECK(requests[0].cached_prompt_tokens == 9);
  CHECK(requests[0].is_warmup == 1);
}

TEST_CASE("a case without a single event has a file all the same") {
  const TemporaryFolder folder;
  write_events(folder.path() / "e.npy", {});
  CHECK(read_events(folder.path() / "e.npy").empty());
}

TEST_CASE("token ids are read back in their order") {
  const TemporaryFolder folder;
  const std::vector<std::int32_t> ids = {5, 0, 2147483647, -1};
  lmbench::report::write_token_ids(folder.path() / "t.npy", ids);
  CHECK(lmbench::report::read_token_ids(folder.path() / "t.npy") == ids);
  CHECK(read(folder.path() / "t.npy").find("{'descr': '<i4', ") == 10);
}

TEST_CASE("numpy.load reads both files with their field names") {
  const TemporaryFolder folder;
  write_events(folder.path() / "e.npy", two_events());
  write_requests(folder.path() / "r.npy", std::vector<RequestRecord>{one_request()});
  write(folder.path() / "check.py",
        "import numpy as np\n"
        "e = np.load('e.npy'); r = np.load('r.npy')\n"
        "assert e.dtype.itemsize == 32 and r.dtype.itemsize == 64\n"
        "assert e['t_ns'].tolist() == [0x0102030405060708, 2]\n"
        "assert e['error'].tolist() == [0, 0x0A0B] and e['kind'].tolist() == [0, 2]\n"
        "assert r['due_ns'][0] == 1 and r['sequence'][0] == 6 and r['is_warmup'][0] == 1\n"
        "np.save('again.npy', e)\n");
  const std::string in_folder = "cd '" + folder.path().string() + "' && ";
  for (const std::string python : {"python3", "/usr/bin/python3"}) {
    if (std::system((python + " -c 'import numpy' 2>/dev/null").c_str()) != 0) continue;
    CHECK(std::system((in_folder + python + " check.py").c_str()) == 0);
    CHECK(read_events(folder.path() / "again.npy").size() == 2);
    return;
  }
  MESSAGE("skip: no python3 with numpy here");
}

TEST_CASE("a file of anything else is refused with a sentence that names it") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "e.npy";
  CHECK(refusal_of_events(file) == "cannot use '" + file.string() + "': it cannot be opened");

  write(file, "t_ns,slot\n1,2\n");
  CHECK(refusal_of_events(file).ends_with("it is not a .npy file of version 1.0"));

  write_requests(file, std::vector<RequestRecord>{one_request()});
  CHECK(refusal_of_events(file).ends_with("its elements are not records of this lmbench"));

  write_events(file, two_events());
  const std::string whole = read(file);
  write(file, whole.substr(0, 100));
  CHECK(refusal_of_events(file).ends_with("it ends inside its header"));
  write(file, whole.substr(0, whole.size() - 1));
  CHECK(refusal_of_events(file).ends_with(
      "it holds 63 bytes of data where 2 records of 32 bytes were announced"));
  write(file, whole + std::string(32, '\0'));
  CHECK(refusal_of_events(file).ends_with(
      "it holds 96 bytes of data where 2 records of 32 bytes were announced"));

  std::string big_endian = whole;
  big_endian.replace(big_endian.find("<u4"), 1, ">");
  write(file, big_endian);
  CHECK(refusal_of_events(file).ends_with("its elements are not records of this lmbench"));

  std::string huge = whole;
  huge.replace(huge.find("(2,), }   "), 10, "(99999,), }");
  write(file, huge);
  CHECK(refusal_of_events(file) != "none");
}

TEST_CASE("a file that cannot be written is an error that says which and why") {
  CHECK_THROWS_WITH_AS(write_events("/no/such/folder/e.npy", {}),
                       "cannot write '/no/such/folder/e.npy': No such file or directory", Error);
  if (std::filesystem::exists("/dev/full")) {
    CHECK_THROWS_WITH_AS(write_events("/dev/full", two_events()),
                         "cannot write '/dev/full': No space left on device", Error);
  }
}
