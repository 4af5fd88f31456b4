// One lmbench writes into a results folder at a time. The lock is the kernel's, on the journal: it
// ends with the process that holds it, however that ends, so there is none to clean up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/file_descriptor.hpp"
#include "process/results_folder.hpp"

namespace lmbench::process {

class FolderLock {
 public:
  enum class For { new_run, resume };
  // Makes the journal if it is absent. Throws Error when another lmbench holds the lock, or for a new
  // run when another lmbench has used the folder since it was found empty.
  FolderLock(const ResultsFolder& folder, For use);
 private:
  FileDescriptor file_;
};

}  // namespace lmbench::process
