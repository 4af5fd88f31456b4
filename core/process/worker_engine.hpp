// The requests of the protocol, done with the plugin and the engine that this worker holds: the
// seam between messages and run::Launch. Failures of the engine are replies, not exceptions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "process/protocol.hpp"

namespace lmbench::process {

class WorkerEngine {
 public:
  // log: [any] what the engine says to its host.
  explicit WorkerEngine(std::function<void(int level, const std::string& text)> log);
  ~WorkerEngine();  // destroys the engine
  WorkerEngine(const WorkerEngine&) = delete;
  WorkerEngine& operator=(const WorkerEngine&) = delete;

  // [control]
  Reply answer(const DescribeRequest& request);
  Reply answer(const LoadRequest& request);
  Reply answer(const CaseRequest& request);
  Reply answer(const ResetRequest& request);
  Reply answer(const FloorRequest& request);
  Reply answer(const GenerateRequest& request);
  Reply answer(const ConvertRequest& request);

  // [any] How far the current request is.
  Heartbeat progress() const;
 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lmbench::process
