// The header of a file is one fixed text but for the number of elements, and the reader takes that
// text only: a file of another layout, byte order or length is refused and not converted.
// SPDX-License-Identifier: Apache-2.0
#include "report/event_files.hpp"

#include <bit>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <type_traits>

#include "error.hpp"
#include "report/output_file.hpp"

namespace lmbench::report {
namespace {

namespace fs = std::filesystem;
using stats::EventRecord;
using stats::RequestRecord;

static_assert(std::endian::native == std::endian::little, "the records are written as they lie");
static_assert(offsetof(EventRecord, kind) == 28 && offsetof(EventRecord, error) == 30);
static_assert(offsetof(RequestRecord, round) == 32 && offsetof(RequestRecord, reserved) == 56);

// numpy.lib.format, version 1.0: magic, two bytes of version, header length as u16.
constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kPreambleBytes = 10;
constexpr std::size_t kAlignment = 64;

// As numpy.save() writes them, so that a file that NumPy wrote again is read as well.
constexpr std::string_view kEventFields =
    "[('t_ns', '<u8'), ('engine_ns', '<u8'), ('slot', '<u4'), ('batch', '<u4'), "
    "('token_count', '<u4'), ('kind', '|u1'), ('finish', '|u1'), ('error', '<u2')]";
constexpr std::string_view kRequestFields =
    "[('due_ns', '<u8'), ('submit_ns', '<u8'), ('accept_ns', '<u8'), ('admit_ns', '<u8'), "
    "('round', '<u4'), ('sequence', '<u4'), ('prompt_tokens', '<u4'), "
    "('requested_tokens', '<u4'), ('cached_prompt_tokens', '<u4'), ('is_warmup', '<u4'), "
    "('reserved', '<u8')]";
constexpr std::string_view kTokenIds = "'<i4'";
constexpr std::string_view kBehindCount = ",), }";

std::string before_count(std::string_view fields) {
  return "{'descr': " + std::string(fields) + ", 'fortran_order': False, 'shape': (";
}

std::string header(std::string_view fields, std::size_t count) {
  std::string text = before_count(fields) + std::to_string(count) + std::string(kBehindCount);
  const std::size_t unpadded = kPreambleBytes + text.size() + 1;
  text.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  text += '\n';
  std::string bytes(kMagic);
  bytes += static_cast<char>(text.size() & 0xFFU);
  bytes += static_cast<char>(text.size() >> 8U);
  return bytes + text;
}

template <class Record>
void write_records(const fs::path& file, std::string_view fields, std::span<const Record> records) {
  static_assert(std::is_trivially_copyable_v<Record>);
  OutputFile out(file, OutputFile::Mode::replace);
  out.write(header(fields, records.size()));
  const auto bytes = std::as_bytes(records);
  out.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  out.sync();
}

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw Error("cannot use '" + file.string() + "': " + why, ExitCode::benchmark_says_no);
}

std::string read_header(std::istream& in, const fs::path& file) {
  std::string preamble(kPreambleBytes, '\0');
  in.read(preamble.data(), static_cast<std::streamsize>(preamble.size()));
  if (!in || !std::string_view(preamble).starts_with(kMagic)) {
    refuse(file, "it is not a .npy file of version 1.0");
  }
  const auto low = static_cast<unsigned char>(preamble[kMagic.size()]);
  const auto high = static_cast<unsigned char>(preamble[kMagic.size() + 1]);
  std::string text(low + std::size_t{high} * 256U, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in) refuse(file, "it ends inside its header");
  return text;
}

std::uint64_t element_count(std::string_view text, std::string_view fields, const fs::path& file) {
  const std::string before = before_count(fields);
  std::uint64_t count = 0;
  if (text.starts_with(before)) {
    text.remove_prefix(before.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc{}) {
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
      const bool is_ours = text.starts_with(kBehindCount) && text.ends_with('\n') &&
                           text.find_first_not_of(' ', kBehindCount.size()) == text.size() - 1;
      if (is_ours) return count;
    }
  }
  refuse(file, "its elements are not records of this lmbench");
}

template <class Record>
std::vector<Record> read_records(const fs::path& file, std::string_view fields) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const std::uint64_t file_bytes = fs::file_size(file, error);
  if (!in || error) refuse(file, "it cannot be opened");
  const std::string text = read_header(in, file);
  const std::uint64_t count = element_count(text, fields, file);
  const std::uint64_t data_bytes = file_bytes - kPreambleBytes - text.size();
  if (data_bytes / sizeof(Record) != count || data_bytes % sizeof(Record) != 0) {
    refuse(file, "it holds " + std::to_string(data_bytes) + " bytes of data where " +
                     std::to_string(count) + " records of " + std::to_string(sizeof(Record)) +
                     " bytes were announced");
  }
  std::vector<Record> records(count);
  in.read(reinterpret_cast<char*>(records.data()), static_cast<std::streamsize>(data_bytes));
  if (!in) refuse(file, "it cannot be read to its end");
  return records;
}

}  // namespace

void write_events(const fs::path& file, std::span<const EventRecord> events) {
  write_records(file, kEventFields, events);
}

void write_requests(const fs::path& file, std::span<const RequestRecord> requests) {
  write_records(file, kRequestFields, requests);
}

void write_token_ids(const fs::path& file, std::span<const std::int32_t> ids) {
  write_records(file, kTokenIds, ids);
}

std::vector<EventRecord> read_events(const fs::path& file) {
  return read_records<EventRecord>(file, kEventFields);
}

std::vector<RequestRecord> read_requests(const fs::path& file) {
  return read_records<RequestRecord>(file, kRequestFields);
}

std::vector<std::int32_t> read_token_ids(const fs::path& file) {
  return read_records<std::int32_t>(file, kTokenIds);
}

}  // namespace lmbench::report
