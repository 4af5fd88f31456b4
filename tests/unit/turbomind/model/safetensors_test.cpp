// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/safetensors.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <utility>

#include "refusal.hpp"
#include "small_model.hpp"
#include "temporary_folder.hpp"

using namespace turbomind;
using namespace lmbench::test;
using lmbench::Code;
using turbomind::test::refusal_of;

namespace {

turbomind::test::Refusal refused(const std::string& json, std::uint64_t data_bytes = 8) {
  return refusal_of([&] { parse_safetensors_header(json, data_bytes, "m.safetensors"); });
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{\"a\": {\"dtype\": \"" + dtype + "\", \"shape\": " + shape +
         ", \"data_offsets\": " + offsets + "}}";
}

}  // namespace

TEST_CASE("a header gives names, types, shapes and places") {
  const SafetensorsHeader header = parse_safetensors_header(
      "{\"__metadata__\": {\"format\": \"pt\"}, \"b\": {\"dtype\": \"BF16\", \"shape\": [2, 3], "
      "\"data_offsets\": [4, 16]}, \"a\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": "
      "[0, 4]}}",
      16, "m");
  REQUIRE(header.size() == 2);
  CHECK(header.at("b").dtype == "BF16");
  CHECK(header.at("b").shape == std::vector<std::uint64_t>{2, 3});
  CHECK(header.at("b").offset == 4);
  CHECK(header.at("b").bytes == 12);
  CHECK(header.at("a").bytes == 4);
}

TEST_CASE("a damaged header is refused with a sentence, never believed") {
  const std::initializer_list<std::pair<std::string, std::string>> cases = {
      {"{", "not valid JSON"},
      {"[]", "not a JSON object"},
      {"{\"a\": 3}", "is not described by an object"},
      {"{\"a\": {}}", "'dtype' is missing"},
      {entry("F33", "[2]", "[0, 8]"), "unknown dtype 'F33'"},
      {entry("F32", "3", "[0, 8]"), "'shape' is not a list"},
      {entry("F32", "[-2]", "[0, 8]"), "no size"},
      {entry("F32", "[2.5]", "[0, 8]"), "no size"},
      {entry("F32", "[2]", "[0]"), "not a pair"},
      {entry("F32", "[2]", "[8, 0]"), "truncated or damaged"},
      {entry("F32", "[2]", "[0, 16]"), "truncated or damaged"},
      {entry("F32", "[3]", "[0, 8]"), "its shape needs 12 bytes, but it has 8"},
      {entry("F32", "[4294967296, 4294967296]", "[0, 8]"), "the shape is too large"},
      {entry("F32", "[18446744073709551615, 2]", "[0, 8]"), "the shape is too large"},
      {entry("F32", "[1]", "[4, 8]"), "gap or overlap in the data at byte 0"},
      {entry("F32", "[1]", "[0, 4]"), "take 4 bytes, but it has 8 bytes of data"},
      {"{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}, \"a\": 1}",
       "tensor 'a' is there twice"}};
  for (const auto& each : cases) {
    CAPTURE(each.first);
    const auto refusal = refused(each.first);
    CAPTURE(refusal.text);
    CHECK(refusal.is(Code::invalid_argument, each.second));
    CHECK(refusal.is(Code::invalid_argument, "m.safetensors"));
  }
}

TEST_CASE("two tensors on the same bytes are refused") {
  CHECK(refused("{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}, "
                "\"b\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}")
            .is(Code::invalid_argument, "gap or overlap"));
}

TEST_CASE("a file cut short, or with bytes too many, is refused before anything is read") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "m.safetensors";
  const auto open = [&] { return refusal_of([&] { SafetensorsFile opened(file); }); };
  write_safetensors({{"a", {4}, {1, 2, 3, 4}}}, SmallType::fp32, file);
  const std::uintmax_t size = std::filesystem::file_size(file);
  CHECK(SafetensorsFile(file).tensors().size() == 1);
  std::filesystem::resize_file(file, size - 1);
  CHECK(open().is(Code::invalid_argument, "truncated"));
  std::filesystem::resize_file(file, size + 1);
  CHECK(open().is(Code::invalid_argument, "but it has 17 bytes of data"));
  std::filesystem::resize_file(file, 20);
  CHECK(open().is(Code::invalid_argument, "does not fit into the file of 20"));
  std::filesystem::resize_file(file, 7);
  CHECK(open().is(Code::invalid_argument, "too short"));
  write_text(std::string(8, '\xff') + "{}", file);
  CHECK(open().is(Code::invalid_argument, "a header of 18446744073709551615 bytes"));
}
