// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/cublas_lt_library.hpp"

#include "turbomind/cuda/shared_library.hpp"

namespace turbomind::cuda {
namespace {

CublasLtLibrary open_library() {
  const SharedLibrary file({"libcublasLt.so.13", "libcublasLt.so.12"}, "device = \"cuda\"");
  CublasLtLibrary library{};
  file.find(library.create, "cublasLtCreate");
  file.find(library.destroy, "cublasLtDestroy");
  file.find(library.get_version, "cublasLtGetVersion");
  file.find(library.get_status_string, "cublasLtGetStatusString");
  file.find(library.desc_create, "cublasLtMatmulDescCreate");
  file.find(library.desc_destroy, "cublasLtMatmulDescDestroy");
  file.find(library.desc_set, "cublasLtMatmulDescSetAttribute");
  file.find(library.layout_create, "cublasLtMatrixLayoutCreate");
  file.find(library.layout_destroy, "cublasLtMatrixLayoutDestroy");
  file.find(library.layout_set, "cublasLtMatrixLayoutSetAttribute");
  file.find(library.preference_create, "cublasLtMatmulPreferenceCreate");
  file.find(library.preference_destroy, "cublasLtMatmulPreferenceDestroy");
  file.find(library.preference_set, "cublasLtMatmulPreferenceSetAttribute");
  file.find(library.get_heuristic, "cublasLtMatmulAlgoGetHeuristic");
  file.find(library.algo_check, "cublasLtMatmulAlgoCheck");
  file.find(library.matmul, "cublasLtMatmul");
  return library;
}

}  // namespace

const CublasLtLibrary& cublas_lt_library() {
  static const CublasLtLibrary library = open_library();
  return library;
}

}  // namespace turbomind::cuda
