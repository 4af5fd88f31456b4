// Every value in force, in one line for the log and the manifest.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "turbomind/backend.hpp"
#include "turbomind/capacity.hpp"
#include "turbomind/config.hpp"

namespace turbomind {

std::string settings_text(const EngineOptions& options, const std::string& device,
                          const OpenedModel& model, const Capacity& capacity);

}  // namespace turbomind
