// An engine around another one that watches the contract of engine_abi.hpp as it is used: who may
// call what when, and what the events of each request must add up to. For `lmbench check`, tests and
// `--checked`: it locks and looks up a request in each event, so it costs what a stopwatch must not.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "plugin/contract_violations.hpp"
#include "plugin/engine_handle.hpp"

namespace lmbench::plugin {

// [control] The thread of this call is the control thread. capabilities: of the plugin's descriptor.
// The sink that is then given to load() gets every event as it is, whatever was wrong with it.
// Extensions are the engine's own and not watched.
EngineHandle checked_engine(EngineHandle engine, std::uint64_t capabilities,
                            std::shared_ptr<ContractViolations> violations);

}  // namespace lmbench::plugin
