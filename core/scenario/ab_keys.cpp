// SPDX-License-Identifier: Apache-2.0
#include "scenario/ab_keys.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace lmbench::scenario {
namespace {

constexpr IntegerRange kAbRounds = {6, 10'000};
constexpr RealRange kPercent = {0.0, 50.0};

std::optional<std::uint32_t> read_rounds(const Field& field) {
  if (field.is_text()) {
    if (field.text() != "auto") field.refuse("is neither a number of rounds nor \"auto\"");
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(field.integer(kAbRounds));
}

// Part of file names and rows.
std::string read_variant_name(const Field& field) {
  constexpr std::size_t kLongestName = 60;
  const std::string name = field.text();
  const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (name.empty() || name.size() > kLongestName || name.front() == '.' || !is_plain) {
    field.refuse("must be 1 to 60 letters, digits, '-', '_' and '.', not beginning with a point");
  }
  return name;
}

const std::array<Rule, 8> kAbRules = {{
    {"ab.rounds", [](const Field& f, Draft& d) { d.scenario.ab.rounds = read_rounds(f); }},
    {"ab.max_rounds",
     [](const Field& f, Draft& d) {
       d.scenario.ab.max_rounds = static_cast<std::uint32_t>(f.integer(kAbRounds));
     }},
    {"ab.gate",
     [](const Field& f, Draft& d) {
       d.scenario.ab.gate = f.choices(
           {"output_tok_s", "ftl", "tpot", "prefill_tok_s", "decode_tok_s", "step_gap"}, 16);
     }},
    {"ab.min_effect_percent",
     [](const Field& f, Draft& d) { d.scenario.ab.min_effect_percent = f.real(kPercent); }},
    {"ab.detect_percent",
     [](const Field& f, Draft& d) { d.scenario.ab.detect_percent = f.real(kPercent); }},
    {"ab.mode",
     [](const Field& f, Draft& d) {
       d.scenario.ab.mode = f.choice({"fresh", "resident"}) == 0 ? AbMode::fresh : AbMode::resident;
     }},
    {"ab.same_output",
     [](const Field& f, Draft& d) {
       d.scenario.ab.same_output =
           std::array{SameOutput::flag, SameOutput::require, SameOutput::off}.at(
               f.choice({"flag", "require", "off"}));
     }},
    {"ab.seed",
     [](const Field& f, Draft& d) {
       d.scenario.ab.seed =
           static_cast<std::uint64_t>(f.integer({0, std::numeric_limits<std::int64_t>::max()}));
     }},
}};

const std::array<VariantRule, 3> kVariantRules = {{
    {"name", [](const Field& f, Variant& v) { v.name = read_variant_name(f); }},
    {"plugin",
     [](const Field& f, Variant& v) {
       v.plugin = f.text();
       if (v.plugin.empty()) f.refuse("must name a plugin or a .so file");
     }},
    {"cpus", [](const Field& f, Variant& v) { v.cpus = read_cpus(f); }},
}};

}  // namespace

std::string read_cpus(const Field& field) {
  const std::string cpus = field.text();
  const bool is_plain = std::all_of(cpus.begin(), cpus.end(), [](unsigned char c) {
    return std::isdigit(c) != 0 || c == '-' || c == ',';
  });
  if (cpus.empty() || !is_plain) field.refuse("must be a list of CPUs such as \"0-3,8\"");
  return cpus;
}

std::span<const Rule> ab_rules() { return kAbRules; }
std::span<const VariantRule> variant_rules() { return kVariantRules; }

}  // namespace lmbench::scenario
