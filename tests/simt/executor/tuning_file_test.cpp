// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/tuning_file.hpp"

#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <string>

using namespace turbomind;
using namespace turbomind::cuda;

namespace {

const TuningKey kKey{{"some GPU", 130100, DataType::bf16},
                     {{ProductKind::add, 4096, 11008, true}, 129, 256}};

TuningEntries two_entries() {
  TuningKey other = kKey;
  other.domain.device = "a \"quoted\" GPU";
  other.shape.product.kind = ProductKind::logits;
  return {{kKey, {{1, ~std::uint64_t{0}, 3, 4, 5, 6, 7, 8}}}, {other, {{9}}}};
}

std::string refusal_of(const std::string& text) {
  try {
    parse_tuning(text, "x.json");
    return "";
  } catch (const lmbench::sdk::Error& e) {
    CHECK(e.code() == lmbench::Code::invalid_argument);
    return e.what();
  }
}

std::string with(std::string text, const std::string& part, const std::string& replacement) {
  const std::size_t place = text.find(part);
  REQUIRE(place != std::string::npos);
  return text.replace(place, part.size(), replacement);
}

}  // namespace

TEST_CASE("tuned algorithms come back from their text as they were") {
  const TuningEntries entries = two_entries();
  const TuningEntries parsed = parse_tuning(print_tuning(entries), "x.json");
  REQUIRE(parsed.size() == entries.size());
  for (const auto& [key, algorithm] : entries) {
    const ProductAlgorithm& same = parsed.at(key);
    for (std::size_t i = 0; i < 8; ++i) CHECK(same.data[i] == algorithm.data[i]);
  }
  CHECK(parse_tuning(print_tuning({}), "x.json").empty());
}

TEST_CASE("a tuning file has a line for each entry") {
  CHECK(print_tuning({{kKey, {{0xAB}}}}) ==
        "{\"form\": \"turbomind.cuda_tuning/1\", \"entries\": [\n"
        "{\"device\":\"some GPU\",\"cublaslt\":130100,\"type\":\"bf16\",\"product\":\"add\","
        "\"inputs\":4096,\"features\":11008,\"has_bias\":true,\"rows\":[129,256],"
        "\"algorithm\":\"00000000000000ab" +
            std::string(7 * 16, '0') + "\"}\n]}\n");
}

TEST_CASE("a tuning file of another form is refused with its name and a way out") {
  const std::string text = print_tuning(two_entries());
  for (const std::string& damaged :
       {std::string(), std::string("[]"), text.substr(0, text.size() / 2),
        with(text, "tuning/1", "tuning/2"), with(text, "\"entries\"", "\"others\""),
        with(text, "130100", "-1"), with(text, "4096", "4294967297"), with(text, "bf16", "fp8"),
        with(text, "[129,256]", "[129]"), with(text, "[129,256]", "129"),
        with(text, "\"has_bias\":true,", ""), with(text, "\"cublaslt\"", "\"new\":1,\"cublaslt\""),
        with(text, "ffffffffffffffff", "fffffffffffffff"),
        with(text, "ffffffffffffffff", "fffffffffffffffg")}) {
    CAPTURE(damaged);
    const std::string refusal = refusal_of(damaged);
    CAPTURE(refusal);
    CHECK(refusal.find("x.json is not a tuning cache") == 0);
    CHECK(refusal.find("delete it") != std::string::npos);
  }
  CHECK(refusal_of(with(text, "tuning/1", "tuning/2")).find("tuning/2") != std::string::npos);
}
