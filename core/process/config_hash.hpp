// What decides what a row says, as one number: two rows with the same hash measured the same thing
// with the same engine. What --resume tells finished cases by.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "plugin/identity.hpp"
#include "report/manifest.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace lmbench::process {

// Counts up when the same case gives other events, or the same events other figures.
constexpr int kMeasuringVersion = 1;

// SHA-256 in hexadecimal over a canonical text: the scenario as far as it decides the figures of
// this case (no name, limits or output), the engine's files by name and content wherever they lie,
// the model's files by name and size, and kMeasuringVersion.
std::string config_hash(const scenario::Scenario& scenario, const scenario::Case& plan_case,
                        std::span<const plugin::MappedObject> engine,
                        std::span<const report::ModelFile> model);

}  // namespace lmbench::process
