// `lmbench worker --fd N`, hidden: what the coordinator starts.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "cli/commands.hpp"
#include "process/cpu_set.hpp"
#include "process/worker.hpp"

namespace lmbench::cli {

ExitCode worker_command(const WorkerArguments& arguments) {
  if (::fcntl(arguments.fd, F_SETFD, FD_CLOEXEC) != 0) {
    throw Error("'lmbench worker' is started by lmbench itself, not by hand");
  }
  process::follow_parent();
  if (!arguments.cpus.empty()) process::run_on_cpus(arguments.cpus);
  process::serve(arguments.fd, process::WorkerKind::process);
  return ExitCode::ok;
}

}  // namespace lmbench::cli
