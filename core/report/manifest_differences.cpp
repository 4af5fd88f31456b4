// SPDX-License-Identifier: Apache-2.0
#include "report/manifest_differences.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "error.hpp"
#include "scenario/toml_document.hpp"

namespace lmbench::report {
namespace {

using Json = nlohmann::ordered_json;
using NamedValues = std::map<std::string, std::string>;

constexpr const char* kAbsent = "absent";

// Begins of keys, in the order in which they are told.
constexpr std::array<std::string_view, 6> kFirst = {"engine.",  "model_files.", "scenario.",
                                                    "lmbench.", "machine.",     "devices."};

// Begins of keys of what is measured or noted anew by every run.
constexpr std::array<std::string_view, 9> kOfEachRun = {"begun_utc",
                                                        "ended_utc",
                                                        "command_line",
                                                        "resumes",
                                                        "machine.load_average",
                                                        "clock.",
                                                        "engine.load_s",
                                                        "harness.",
                                                        "machine.memory_available"};

bool begins_with_one(const std::string& key, std::span<const std::string_view> begins) {
  return std::any_of(begins.begin(), begins.end(),
                     [&](std::string_view begin) { return key.rfind(begin, 0) == 0; });
}

std::string text_of(const Json& leaf) {
  return leaf.is_string() ? leaf.get<std::string>() : leaf.dump();
}

std::string text_of(const scenario::Value& value) {
  using Kind = scenario::Value::Kind;
  switch (value.kind) {
    case Kind::boolean:
      return value.boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.integer);
    case Kind::real:
      return Json(value.real).dump();
    case Kind::text:
    case Kind::moment:
      return value.text;
    case Kind::array:
    case Kind::table:
      break;
  }
  std::string text = "[";
  for (const scenario::Value& item : value.items) {
    text += (text.size() == 1 ? "" : ", ") + text_of(item);
  }
  return text + "]";
}

void add_scenario(const Json& scenario, NamedValues& values) {
  values["scenario.path"] = text_of(scenario.at("path"));
  const std::string text = scenario.at("resolved_toml");
  for (const scenario::Entry& entry : scenario::read_document(text, "", {})) {
    if (entry.value.kind == scenario::Value::Kind::table) continue;
    std::string key = "scenario";
    for (const std::string& segment : entry.path) key += "." + segment;
    values[key] = text_of(entry.value);
  }
}

// A list of files by their names, since one more of them must not shift the others.
void name_by_file(Json& list) {
  if (!list.is_array()) return;
  Json named = Json::object();
  for (Json& file : list) {
    const auto name = std::filesystem::path(file.at("path").get<std::string>()).filename();
    named[name.string()] = std::move(file);
  }
  list = std::move(named);
}

// Every value under its path, with dots between the names.
void add_leaves(const Json& json, const std::string& path, NamedValues& values) {
  if (json.is_structured()) {
    for (const auto& [name, inner] : json.items()) {
      add_leaves(inner, path.empty() ? name : path + "." + name, values);
    }
  } else if (!json.is_null()) {
    values[path] = text_of(json);
  }
}

NamedValues values_of(const std::string& text, const std::string& name) {
  NamedValues values;
  try {
    Json json = Json::parse(text);
    add_scenario(json.at("scenario"), values);
    if (json.at("engine").is_object()) name_by_file(json["engine"]["objects"]);
    name_by_file(json.at("model_files"));
    // In command lines a word more would shift the others.
    json["command_line"] = json.at("command_line").dump();
    for (const char* left_out : {"scenario", "cases", "seed"}) json.erase(left_out);
    add_leaves(json, "", values);
  } catch (const Json::exception& e) {
    throw Error("'" + name + "' is no manifest of a lmbench run: " + e.what());
  }
  return values;
}

std::size_t rank_of(const std::string& key) {
  const auto* const found = std::find_if(kFirst.begin(), kFirst.end(), [&](std::string_view begin) {
    return key.rfind(begin, 0) == 0;
  });
  return static_cast<std::size_t>(found - kFirst.begin());
}

std::string value_or_absent(const NamedValues& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? kAbsent : found->second;
}

}  // namespace

ManifestDifferences manifest_differences(const std::string& a_json, const std::string& a_name,
                                         const std::string& b_json, const std::string& b_name) {
  const NamedValues a = values_of(a_json, a_name);
  const NamedValues b = values_of(b_json, b_name);
  NamedValues all = a;
  all.insert(b.begin(), b.end());
  ManifestDifferences differences;
  for (const auto& [key, value] : all) {
    const Difference difference{key, value_or_absent(a, key), value_or_absent(b, key)};
    if (difference.a == difference.b) continue;
    (begins_with_one(key, kOfEachRun) ? differences.of_each_run : differences.settings)
        .push_back(difference);
  }
  std::stable_sort(
      differences.settings.begin(), differences.settings.end(),
      [](const Difference& x, const Difference& y) { return rank_of(x.key) < rank_of(y.key); });
  return differences;
}

}  // namespace lmbench::report
