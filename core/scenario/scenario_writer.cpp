// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario_writer.hpp"

#include <array>
#include <charconv>
#include <concepts>

namespace lmbench::scenario {
namespace {

// The shortest decimal that reads back to the same number, always recognisable as a real.
template <std::floating_point Real>
std::string real_text(Real value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string value_text(const OptionValue& value) {
  struct Writer {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return real_text(v); }
    std::string operator()(const std::string& v) const { return toml_quoted(v); }
  };
  return std::visit(Writer{}, value);
}

template <class Items, class Number>
std::string list_text(const Items& items, Number number) {
  std::string text;
  for (const auto& item : items) {
    text += (text.empty() ? "" : ", ") + std::to_string(number(item));
  }
  return "[" + text + "]";
}

void write_engine(const Engine& engine, std::string& out) {
  out += "\n[engine]\nplugin = " + toml_quoted(engine.plugin) + "\n";
  const auto peak = [&out](const char* key, const std::optional<double>& per_s) {
    if (per_s) out += key + (" = " + real_text(*per_s)) + "\n";
  };
  peak("device_peak_bytes_per_s", engine.device_peak_bytes_per_s);
  peak("device_peak_flops_per_s", engine.device_peak_flops_per_s);
  if (engine.is_checked) out += "checked = true\n";
  if (!engine.cpus.empty()) out += "cpus = " + toml_quoted(engine.cpus) + "\n";
  if (!engine.options.empty()) out += "\n[engine.options]\n";
  for (const auto& [key, value] : engine.options) out += key + " = " + value_text(value) + "\n";
  if (!engine.environment.empty()) out += "\n[engine.environment]\n";
  for (const auto& [name, value] : engine.environment) {
    out += toml_quoted(name) + " = " + toml_quoted(value) + "\n";
  }
}

void write_matrix(const Matrix& matrix, std::string& out) {
  const auto same = [](std::uint32_t n) { return n; };
  out += "\n[matrix]\nconcurrency = " + list_text(matrix.concurrency, same);
  out += "\nprompt_tokens = " +
         list_text(matrix.lengths, [](const LengthPair& pair) { return pair.prompt_tokens; });
  out += "\ncompletion_tokens = " +
         list_text(matrix.lengths, [](const LengthPair& pair) { return pair.completion_tokens; });
  out += "\n";
}

// Given numbers of rounds, and the limits where they matter or somebody has set them.
void write_rounds(const Measure& measure, std::string& out) {
  const TestLimits& test = measure.test_limits;
  const WarmupLimits& warmup = measure.warmup_limits;
  if (measure.test_rounds) out += "\ntest_rounds = " + std::to_string(*measure.test_rounds);
  if (!measure.test_rounds || test != TestLimits{}) {
    out += "\ninterval_percent = " + real_text(test.interval_percent);
    out += "\nmin_rounds = " + std::to_string(test.min_rounds);
    out += "\nmax_rounds = " + std::to_string(test.max_rounds);
    out += "\ntime_budget_s = " + real_text(test.budget_s);
  }
  if (measure.warmup_rounds) out += "\nwarmup_rounds = " + std::to_string(*measure.warmup_rounds);
  if (!measure.warmup_rounds || warmup != WarmupLimits{}) {
    out += "\nwarmup_max_rounds = " + std::to_string(warmup.max_rounds);
    out += "\nwarmup_budget_s = " + real_text(warmup.budget_s);
  }
}

void write_measure(const Measure& measure, std::string& out) {
  out += "\n[measure]";
  write_rounds(measure, out);
  out += measure.round_mode == RoundMode::barrier ? "\nround_mode = \"barrier\""
                                                  : "\nround_mode = \"closed\"";
  out += measure.isolate == Isolate::run ? "\nisolate = \"run\"" : "\nisolate = \"case\"";
  if (measure.case_timeout_s) out += "\ncase_timeout_s = " + real_text(*measure.case_timeout_s);
  out += "\nstall_timeout_s = " + real_text(measure.stall_timeout_s);
  out += "\nload_stall_timeout_s = " + real_text(measure.load_stall_timeout_s);
  out += measure.strict ? "\nstrict = true\n" : "\nstrict = false\n";
}

void write_prompts(const Prompts& prompts, std::string& out) {
  constexpr std::array<const char*, 3> kKinds = {"distinct", "same", "legacy"};
  out += std::string("\n[prompts]\nkind = \"") + kKinds.at(static_cast<std::size_t>(prompts.kind));
  out += "\"\nseed = " + std::to_string(prompts.seed) + "\n";
  if (prompts.vocab_size) out += "vocab_size = " + std::to_string(*prompts.vocab_size) + "\n";
  if (!prompts.exclude.empty()) {
    out += "exclude = " + list_text(prompts.exclude, [](std::int32_t id) { return id; }) + "\n";
  }
}

void write_telemetry(const Telemetry& telemetry, std::string& out) {
  out += telemetry.is_enabled ? "\n[telemetry]\nenabled = true" : "\n[telemetry]\nenabled = false";
  out += "\nperiod_ms = " + std::to_string(telemetry.period_ms);
  out += telemetry.allows_foreign ? "\nallow_foreign = true\n" : "\nallow_foreign = false\n";
}

void write_ab(const Ab& ab, std::string& out) {
  constexpr std::array<const char*, 3> kSameOutputs = {"flag", "require", "off"};
  out += "\n[ab]\nrounds = " + (ab.rounds ? std::to_string(*ab.rounds) : "\"auto\"");
  out += "\nmax_rounds = " + std::to_string(ab.max_rounds) + "\ngate = [";
  for (std::size_t i = 0; i < ab.gate.size(); ++i) {
    out += (i == 0 ? "" : ", ") + toml_quoted(ab.gate[i]);
  }
  out += "]\nmin_effect_percent = " + real_text(ab.min_effect_percent);
  out += "\ndetect_percent = " + real_text(ab.detect_percent);
  out += ab.mode == AbMode::fresh ? "\nmode = \"fresh\"" : "\nmode = \"resident\"";
  out += std::string("\nsame_output = \"") +
         kSameOutputs.at(static_cast<std::size_t>(ab.same_output)) + "\"\n";
  if (ab.seed) out += "seed = " + std::to_string(*ab.seed) + "\n";
}

void write_variant(const Variant& variant, std::string& out) {
  out += "\n[[variant]]\nname = " + toml_quoted(variant.name) + "\n";
  if (!variant.plugin.empty()) out += "plugin = " + toml_quoted(variant.plugin) + "\n";
  if (!variant.cpus.empty()) out += "cpus = " + toml_quoted(variant.cpus) + "\n";
  for (const auto& [key, value] : variant.options) {
    out += "options." + key + " = " + value_text(value) + "\n";
  }
  for (const auto& [name, value] : variant.environment) {
    out += "environment." + toml_quoted(name) + " = " + toml_quoted(value) + "\n";
  }
}

}  // namespace

std::string toml_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_text(const Scenario& scenario) {
  std::string out = "[scenario]\nname = " + toml_quoted(scenario.name) + "\n";
  write_engine(scenario.engine, out);
  out += "\n[sampling]\ntop_k = " + std::to_string(scenario.sampling.top_k);
  out += "\ntop_p = " + real_text(scenario.sampling.top_p);
  out += "\ntemperature = " + real_text(scenario.sampling.temperature) + "\n";
  write_matrix(scenario.matrix, out);
  write_measure(scenario.measure, out);
  write_prompts(scenario.prompts, out);
  write_telemetry(scenario.telemetry, out);
  if (scenario.output.csv) out += "\n[output]\ncsv = " + toml_quoted(*scenario.output.csv) + "\n";
  if (scenario.ab != Ab{} || !scenario.variants.empty()) write_ab(scenario.ab, out);
  for (const Variant& variant : scenario.variants) write_variant(variant, out);
  return out;
}

}  // namespace lmbench::scenario
