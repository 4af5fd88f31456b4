// The worker's side: obeys a coordinator until it says quit or goes away. Everything that touches a
// plugin happens here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lmbench::process {

enum class WorkerKind { process, thread };

// [control] Runs on the calling thread, which becomes the engine's control thread. Never throws.
// A worker process ends at once when its coordinator is gone, whatever the engine is at.
void serve(int fd, WorkerKind kind) noexcept;

// Before serve() in a process of its own: the process dies with its parent.
void follow_parent();

}  // namespace lmbench::process
