// SPDX-License-Identifier: Apache-2.0
#include "turbomind/model/element_conversion.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "turbomind/model/float16.hpp"

namespace turbomind {
namespace {

static_assert(std::endian::native == std::endian::little, "weight files are little-endian");

template <class Raw>
Raw load(const std::byte* at) {
  Raw raw;
  std::memcpy(&raw, at, sizeof(Raw));
  return raw;
}

// One loop per pair of types, with loads and stores that need no alignment.
template <class From, class To, class Function>
void map_elements(const std::byte* from, std::byte* to, std::size_t count, Function function) {
  for (std::size_t i = 0; i < count; ++i) {
    const To value = function(load<From>(from + i * sizeof(From)));
    std::memcpy(to + i * sizeof(To), &value, sizeof(To));
  }
}

void from_fp32(const std::byte* from, std::byte* to, std::size_t count, DataType to_type) {
  if (to_type == DataType::fp16) {
    map_elements<float, std::uint16_t>(from, to, count, fp16_from_float);
  } else {
    map_elements<float, std::uint16_t>(from, to, count, bf16_from_float);
  }
}

void from_16_bits(const std::byte* from, std::byte* to, std::size_t count, DataType from_type,
                  DataType to_type) {
  using Bits = std::uint16_t;
  const bool is_half = from_type == DataType::fp16;
  if (to_type == DataType::fp32 && is_half) {
    map_elements<Bits, float>(from, to, count, float_from_fp16);
  } else if (to_type == DataType::fp32) {
    map_elements<Bits, float>(from, to, count, float_from_bf16);
  } else if (is_half) {
    map_elements<Bits, Bits>(from, to, count,
                             [](Bits bits) { return bf16_from_float(float_from_fp16(bits)); });
  } else {
    map_elements<Bits, Bits>(from, to, count,
                             [](Bits bits) { return fp16_from_float(float_from_bf16(bits)); });
  }
}

template <class Raw>
std::uint64_t first_with_exponent(std::span<const std::byte> elements, Raw exponent) {
  const std::uint64_t count = elements.size() / sizeof(Raw);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Raw bits = load<Raw>(elements.data() + i * sizeof(Raw));
    if ((bits & exponent) == exponent) return i;
  }
  return count;
}

}  // namespace

void convert_elements(std::span<const std::byte> from, DataType from_type, std::span<std::byte> to,
                      DataType to_type) {
  const std::size_t count = to.size() / bytes_of(to_type);
  if (from_type == to_type) {
    if (!to.empty() && from.data() != to.data()) std::memmove(to.data(), from.data(), to.size());
  } else if (from_type == DataType::fp32) {
    from_fp32(from.data(), to.data(), count, to_type);
  } else {
    from_16_bits(from.data(), to.data(), count, from_type, to_type);
  }
}

std::uint64_t first_not_finite(std::span<const std::byte> elements, DataType type) {
  switch (type) {
    case DataType::fp32:
      return first_with_exponent<std::uint32_t>(elements, 0x7F800000U);
    case DataType::fp16:
      return first_with_exponent<std::uint16_t>(elements, 0x7C00U);
    case DataType::bf16:
      return first_with_exponent<std::uint16_t>(elements, 0x7F80U);
  }
  return 0;
}

const char* name_of(DataType type) {
  switch (type) {
    case DataType::fp32:
      return "fp32";
    case DataType::fp16:
      return "fp16";
    case DataType::bf16:
      return "bf16";
  }
  return "";
}

}  // namespace turbomind
