// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/tuning_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <lmbench/plugin.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace turbomind::cuda {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kForm = "turbomind.cuda_tuning/1";
constexpr std::size_t kMembers = 9;        // of an entry
constexpr std::size_t kDigitsOfWord = 16;  // hexadecimal, as JSON's readers may round large numbers
constexpr std::array<std::string_view, 3> kKinds{"store", "add", "logits"};  // as ProductKind
constexpr std::array<std::string_view, 3> kTypes{"fp32", "fp16", "bf16"};    // as DataType
constexpr std::size_t kWords = std::size(ProductAlgorithm{}.data);

template <class Enum, std::size_t N>
Enum named(const std::array<std::string_view, N>& names, const std::string& name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw std::invalid_argument("an unknown name, '" + name + "'");
  return static_cast<Enum>(found - names.begin());
}

std::string digits_of(const ProductAlgorithm& algorithm) {
  std::string digits;
  for (const std::uint64_t word : algorithm.data) {
    std::array<char, kDigitsOfWord + 1> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(word));
    digits += text.data();
  }
  return digits;
}

ProductAlgorithm algorithm_of(const std::string& digits) {
  ProductAlgorithm algorithm{};
  if (digits.size() != kWords * kDigitsOfWord) {
    throw std::invalid_argument("an algorithm of another length");
  }
  for (std::size_t i = 0; i < kWords; ++i) {
    const char* const begin = digits.data() + i * kDigitsOfWord;
    const char* const end = begin + kDigitsOfWord;
    const auto [rest, error] = std::from_chars(begin, end, algorithm.data[i], 16);
    if (error != std::errc() || rest != end) {
      throw std::invalid_argument("an algorithm that is no hexadecimal number");
    }
  }
  return algorithm;
}

ordered_json json_of(const TuningKey& key, const ProductAlgorithm& algorithm) {
  const auto& [domain, shape] = key;
  return {{"device", domain.device},
          {"cublaslt", domain.cublaslt_version},
          {"type", kTypes.at(static_cast<std::size_t>(domain.type))},
          {"product", kKinds.at(static_cast<std::size_t>(shape.product.kind))},
          {"inputs", shape.product.inputs},
          {"features", shape.product.features},
          {"has_bias", shape.product.has_bias},
          {"rows", {shape.first_row_count, shape.last_row_count}},
          {"algorithm", digits_of(algorithm)}};
}

// A positive number of 32 bits.
std::uint32_t count_of(const json& value) {
  const auto number = value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
  const auto count = static_cast<std::uint32_t>(number);
  if (count == 0 || count != number) throw std::invalid_argument(value.dump() + " as a number");
  return count;
}

TuningKey key_of(const json& entry) {
  // What an entry had beyond this would be lost when the file is written again.
  if (entry.size() != kMembers) throw std::invalid_argument("an entry of other members");
  const json& rows = entry.at("rows");
  if (rows.size() != 2) throw std::invalid_argument("rows that are no range");
  return {.domain = {.device = entry.at("device").get<std::string>(),
                     .cublaslt_version = count_of(entry.at("cublaslt")),
                     .type = named<DataType>(kTypes, entry.at("type").get<std::string>())},
          .shape = {.product = {.kind = named<ProductKind>(kKinds,
                                                           entry.at("product").get<std::string>()),
                                .inputs = count_of(entry.at("inputs")),
                                .features = count_of(entry.at("features")),
                                .has_bias = entry.at("has_bias").get<bool>()},
                    .first_row_count = count_of(rows.at(0)),
                    .last_row_count = count_of(rows.at(1))}};
}

TuningEntries entries_of(const json& file) {
  if (file.at("form").get<std::string>() != kForm) {
    throw std::invalid_argument("its form is " + file.at("form").dump() + ", not \"" +
                                std::string(kForm) + "\"");
  }
  TuningEntries entries;
  for (const json& entry : file.at("entries")) {
    entries.emplace(key_of(entry), algorithm_of(entry.at("algorithm").get<std::string>()));
  }
  return entries;
}

}  // namespace

std::string print_tuning(const TuningEntries& entries) {
  std::string text = "{\"form\": \"" + std::string(kForm) + "\", \"entries\": [";
  const char* separator = "\n";
  for (const auto& [key, algorithm] : entries) {
    text += separator + json_of(key, algorithm).dump();
    separator = ",\n";
  }
  return text + "\n]}\n";
}

TuningEntries parse_tuning(std::string_view text, const std::string& file) {
  try {
    return entries_of(json::parse(text));
  } catch (const std::exception& e) {  // of the JSON library too
    throw lmbench::sdk::Error(
        lmbench::Code::invalid_argument,
        file + " is not a tuning cache that this build reads: " + e.what() +
            "; delete it to have the algorithms timed anew, or name another file in engine option "
            "cuda_tuning_cache");
  }
}

}  // namespace turbomind::cuda
