// SPDX-License-Identifier: Apache-2.0
#include "conformance/check_report.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

namespace lmbench::conformance {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<Verdict, 4> kVerdicts = {Verdict::pass, Verdict::fail, Verdict::warn,
                                              Verdict::skip};

std::size_t name_width() {
  std::size_t width = 0;
  for (const CheckCase& c : check_cases()) width = std::max(width, std::strlen(c.name));
  return width;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::ptrdiff_t count_of(std::span<const CheckedCase> checked, Verdict verdict) {
  return std::count_if(checked.begin(), checked.end(),
                       [&](const CheckedCase& c) { return c.finding.verdict == verdict; });
}

}  // namespace

std::string line_of(const CheckedCase& checked) {
  return std::string(name_of(checked.finding.verdict)) + "  " + padded(checked.name, name_width()) +
         "  " + checked.finding.sentence;
}

std::string totals_of(std::span<const CheckedCase> checked) {
  constexpr std::array<const char*, 4> kWords = {"passed", "failed", "warned", "skipped"};
  std::string text;
  for (std::size_t i = 0; i < kVerdicts.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(count_of(checked, kVerdicts.at(i))) + " " +
            kWords.at(i);
  }
  return text;
}

bool has_failed(std::span<const CheckedCase> checked) {
  return count_of(checked, Verdict::fail) != 0;
}

std::string check_json(const CheckOrder& order, std::span<const CheckedCase> checked) {
  Json json = {{"plugin", order.subject.plugin.string()},
               {"config", order.config_file},
               {"seed", order.subject.seed},
               {"totals", Json::object()},
               {"cases", Json::array()}};
  for (const Verdict verdict : kVerdicts) {
    json["totals"][std::string(name_of(verdict))] = count_of(checked, verdict);
  }
  for (const CheckedCase& c : checked) {
    json["cases"].push_back({{"name", c.name},
                             {"description", c.description},
                             {"verdict", name_of(c.finding.verdict)},
                             {"sentence", c.finding.sentence},
                             {"seconds", c.seconds}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string list_of_cases() {
  std::string text;
  for (const CheckCase& c : check_cases()) {
    text += padded(c.name, name_width()) + "  " + c.description + "\n";
  }
  return text;
}

}  // namespace lmbench::conformance
