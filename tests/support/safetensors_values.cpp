// SPDX-License-Identifier: Apache-2.0
#include "safetensors_values.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

namespace lmbench::test {
namespace {

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

// IEEE half by its definition: sign, 5 bits of exponent with bias 15, 10 bits of fraction.
float half_value(std::uint32_t bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> 10U & 31U);
  const auto fraction = static_cast<double>(bits & 1023U);
  if (exponent == 31) {
    return fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                         : static_cast<float>(sign) * std::numeric_limits<float>::infinity();
  }
  const double value =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return static_cast<float>(sign * value);
}

float value_of(std::string_view bytes, const std::string& type) {
  const auto bits = static_cast<std::uint32_t>(little_endian(bytes));
  if (type == "F32") return std::bit_cast<float>(bits);
  if (type == "BF16") return std::bit_cast<float>(bits << 16U);
  return half_value(bits);
}

std::size_t width_of(const std::string& type) {
  if (type == "F32") return 4;
  if (type == "F16" || type == "BF16") return 2;
  throw std::runtime_error("safetensors_values: type " + type);
}

}  // namespace

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<SmallTensor> safetensors_values(const std::filesystem::path& file) {
  const std::string text = text_of(file);
  const std::string_view whole = text;
  const std::size_t header_size = little_endian(whole.substr(0, 8));
  const auto header = nlohmann::json::parse(whole.substr(8, header_size));
  const std::string_view data = whole.substr(8 + header_size);
  std::vector<SmallTensor> tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const auto type = entry.at("dtype").get<std::string>();
    const std::size_t width = width_of(type);
    const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
    const auto end = entry.at("data_offsets").at(1).get<std::size_t>();
    SmallTensor& tensor = tensors.emplace_back();
    tensor.name = name;
    tensor.shape = entry.at("shape").get<std::vector<std::uint64_t>>();
    for (std::size_t at = begin; at < end; at += width) {
      tensor.values.push_back(value_of(data.substr(at, width), type));
    }
  }
  return tensors;
}

}  // namespace lmbench::test
