// SPDX-License-Identifier: Apache-2.0
#include "process/identity_changes.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace lmbench::process {
namespace {

// Other facts, such as the load average, differ from minute to minute.
constexpr std::array<std::string_view, 13> kLastingFacts = {
    "host",         "kernel",         "cpu_model",        "cpu_topology", "cpus_online",
    "cpus_usable",  "cpu_governor",   "cpu_turbo",        "memory_total", "huge_pages",
    "clock_source", "cgroup_cpu_max", "cgroup_memory_max"};

constexpr const char* kAbsent = "absent";

std::string text_of(const report::NamedTexts& texts, std::string_view name) {
  const auto found = std::find_if(texts.begin(), texts.end(),
                                  [&](const auto& text) { return text.first == name; });
  return found == texts.end() ? kAbsent : "'" + found->second + "'";
}

void compare(const std::string& what, const std::string& then, const std::string& now,
             std::vector<std::string>& changes) {
  if (then != now) changes.push_back(what + " was " + then + " then and is " + now + " now");
}

std::string version_of(const report::Manifest& m) {
  return m.lmbench_version + " (" + m.source_revision + ")";
}

const plugin::MappedObject* find_named(const std::vector<plugin::MappedObject>& objects,
                                       const std::string& name) {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& object) {
    return std::filesystem::path(object.path).filename() == name;
  });
  return found == objects.end() ? nullptr : &*found;
}

// The names of files that one list has and the other does not have with the same content.
void add_missing(const std::vector<plugin::MappedObject>& objects,
                 const std::vector<plugin::MappedObject>& others, std::vector<std::string>& names) {
  for (const plugin::MappedObject& object : objects) {
    const std::string name = std::filesystem::path(object.path).filename().string();
    const plugin::MappedObject* other = find_named(others, name);
    if (other != nullptr && other->sha256 == object.sha256) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

bool same_files(const std::vector<report::ModelFile>& a, const std::vector<report::ModelFile>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.path == y.path && x.bytes == y.bytes;
  });
}

}  // namespace

std::vector<std::string> changes_around(const report::Manifest& then, const report::Manifest& now) {
  std::vector<std::string> changes;
  compare("the version of lmbench", version_of(then), version_of(now), changes);
  for (const std::string_view fact : kLastingFacts) {
    compare("the machine's " + std::string(fact), text_of(then.machine, fact),
            text_of(now.machine, fact), changes);
  }
  report::NamedTexts variables = then.environment;
  for (const auto& variable : now.environment) {
    if (text_of(then.environment, variable.first) == kAbsent) variables.push_back(variable);
  }
  for (const auto& variable : variables) {
    compare("the environment's " + variable.first, text_of(then.environment, variable.first),
            text_of(now.environment, variable.first), changes);
  }
  return changes;
}

std::vector<std::string> changes_of_engine(const report::Manifest& then,
                                           const report::Manifest& now) {
  std::vector<std::string> changes;
  if (!then.engine || !now.engine || then.engine->objects.empty() || now.engine->objects.empty()) {
    return changes;
  }
  std::vector<std::string> names;
  add_missing(now.engine->objects, then.engine->objects, names);
  add_missing(then.engine->objects, now.engine->objects, names);
  if (!names.empty()) {
    changes.push_back("the engine's files have changed since (" + joined(names) + ")");
  }
  if (!same_files(then.model_files, now.model_files)) {
    changes.emplace_back("the model's files have changed since");
  }
  return changes;
}

}  // namespace lmbench::process
