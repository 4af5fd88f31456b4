// What an engine says of itself through its optional interfaces, as the protocol's plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lmbench/engine_abi.hpp>
#include <optional>
#include <vector>

#include "process/protocol.hpp"

namespace lmbench::process {

// [control] lmbench.model/1 after load(); empty without it.
std::optional<ModelFigures> loaded_model(IGenerationEngine& engine);

// [control] lmbench.model/1 before load(): ok and empty when the engine cannot tell.
Code preview_model(IGenerationEngine& engine, ConfigView config,
                   std::optional<ModelFigures>& figures, ErrorText* error);

// [control] lmbench.roofline/1 after load(); empty without it.
std::optional<PeakFigures> device_peak(IGenerationEngine& engine);

// [control] lmbench.memory/1 after load(); none without it.
std::vector<MemoryPart> memory_parts(IGenerationEngine& engine);

// [control] What the engine counts itself, since load or reset.
std::vector<report::EngineStat> engine_stats(IGenerationEngine& engine);

}  // namespace lmbench::process
