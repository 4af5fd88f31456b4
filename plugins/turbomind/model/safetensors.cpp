// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/safetensors.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <lmbench/plugin.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace turbomind {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostHeaderBytes = 100'000'000;  // the limit of the reference reader
constexpr std::uint64_t kPrefixBytes = 8;

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw lmbench::sdk::Error(lmbench::Code::invalid_argument, place + ": " + what);
}

std::uint64_t element_bytes(const std::string& dtype, const std::string& place) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 15> kTypes = {{{"BOOL", 1},
                                                                                  {"U8", 1},
                                                                                  {"I8", 1},
                                                                                  {"F8_E5M2", 1},
                                                                                  {"F8_E4M3", 1},
                                                                                  {"I16", 2},
                                                                                  {"U16", 2},
                                                                                  {"F16", 2},
                                                                                  {"BF16", 2},
                                                                                  {"I32", 4},
                                                                                  {"U32", 4},
                                                                                  {"F32", 4},
                                                                                  {"I64", 8},
                                                                                  {"U64", 8},
                                                                                  {"F64", 8}}};
  for (const auto& [name, bytes] : kTypes) {
    if (name == dtype) return bytes;
  }
  refuse(place, "unknown dtype '" + dtype + "'");
}

std::uint64_t unsigned_of(const json& value, const std::string& place, const char* what) {
  if (!value.is_number_unsigned())
    refuse(place, std::string(what) + " has a value that is no size");
  return value.get<std::uint64_t>();
}

std::uint64_t product(std::uint64_t a, std::uint64_t b, const std::string& place) {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) {
    refuse(place, "the shape is too large");
  }
  return a * b;
}

const json& member(const json& object, const char* key, const std::string& place) {
  const auto found = object.find(key);
  if (found == object.end()) refuse(place, std::string("'") + key + "' is missing");
  return *found;
}

SafetensorsEntry read_entry(const json& value, std::uint64_t data_bytes, const std::string& place) {
  if (!value.is_object()) refuse(place, "is not described by an object");
  SafetensorsEntry entry;
  const json& dtype = member(value, "dtype", place);
  if (!dtype.is_string()) refuse(place, "'dtype' is not a text");
  entry.dtype = dtype.get<std::string>();
  std::uint64_t bytes = element_bytes(entry.dtype, place);
  const json& shape = member(value, "shape", place);
  if (!shape.is_array()) refuse(place, "'shape' is not a list");
  for (const json& extent : shape) {
    entry.shape.push_back(unsigned_of(extent, place, "'shape'"));
    bytes = product(bytes, entry.shape.back(), place);
  }
  const json& offsets = member(value, "data_offsets", place);
  if (!offsets.is_array() || offsets.size() != 2) refuse(place, "'data_offsets' is not a pair");
  entry.offset = unsigned_of(offsets[0], place, "'data_offsets'");
  const std::uint64_t end = unsigned_of(offsets[1], place, "'data_offsets'");
  if (end < entry.offset || end > data_bytes) {
    refuse(place, "its data ends at byte " + std::to_string(end) + " of " +
                      std::to_string(data_bytes) + "; the file is truncated or damaged");
  }
  entry.bytes = end - entry.offset;
  if (entry.bytes != bytes) {
    refuse(place, "its shape needs " + std::to_string(bytes) + " bytes, but it has " +
                      std::to_string(entry.bytes));
  }
  return entry;
}

void check_coverage(const SafetensorsHeader& tensors, std::uint64_t data_bytes,
                    const std::string& path) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  ranges.reserve(tensors.size());
  for (const auto& [name, entry] : tensors) ranges.emplace_back(entry.offset, entry.bytes);
  std::sort(ranges.begin(), ranges.end());
  std::uint64_t end = 0;
  for (const auto& [offset, bytes] : ranges) {
    if (offset != end) refuse(path, "gap or overlap in the data at byte " + std::to_string(end));
    end += bytes;
  }
  if (end != data_bytes) {
    refuse(path, "its tensors take " + std::to_string(end) + " bytes, but it has " +
                     std::to_string(data_bytes) + " bytes of data");
  }
}

// The library keeps the last of two equal keys; here two are an error.
json parse_without_duplicates(std::string_view text, const std::string& path) {
  std::set<std::string> names;
  std::string duplicate;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event != json::parse_event_t::key || depth != 1) return true;
    const auto name = parsed.get<std::string>();
    if (!names.insert(name).second) duplicate = name;
    return true;
  };
  try {
    json header = json::parse(text, watch);
    if (!duplicate.empty()) refuse(path, "tensor '" + duplicate + "' is there twice");
    return header;
  } catch (const json::exception& e) {
    refuse(path, std::string("the header is not valid JSON: ") + e.what());
  }
}

}  // namespace

std::uint64_t safetensors_header_bytes(std::span<const std::byte, 8> prefix,
                                       std::uint64_t file_bytes, const std::string& path) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < kPrefixBytes; ++i) {
    length |= std::to_integer<std::uint64_t>(prefix[i]) << (8 * i);
  }
  if (file_bytes < kPrefixBytes || length > kMostHeaderBytes ||
      length > file_bytes - kPrefixBytes) {
    refuse(path, "a header of " + std::to_string(length) + " bytes does not fit into the file of " +
                     std::to_string(file_bytes) + "; it is truncated or no safetensors file");
  }
  return length;
}

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                           const std::string& path) {
  const json header = parse_without_duplicates(text, path);
  if (!header.is_object()) refuse(path, "the header is not a JSON object");
  SafetensorsHeader tensors;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") continue;
    tensors.emplace(name, read_entry(value, data_bytes, path + ": tensor '" + name + "'"));
  }
  check_coverage(tensors, data_bytes, path);
  return tensors;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path) {
  const std::string name = path.string();
  if (file_.size_bytes() < kPrefixBytes) refuse(name, "too short for a safetensors file");
  std::array<std::byte, kPrefixBytes> prefix{};
  file_.read(0, prefix);
  std::string header(safetensors_header_bytes(prefix, file_.size_bytes(), name), '\0');
  file_.read(kPrefixBytes, std::as_writable_bytes(std::span(header)));
  data_offset_ = kPrefixBytes + header.size();
  tensors_ = parse_safetensors_header(header, file_.size_bytes() - data_offset_, name);
}

void SafetensorsFile::read(const SafetensorsEntry& entry, std::uint64_t begin,
                           std::span<std::byte> out) const {
  file_.read(data_offset_ + entry.offset + begin, out);
}

}  // namespace turbomind
