// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/decode_graphs.hpp"

#include "turbomind/cuda/cuda_check.hpp"

namespace turbomind::cuda {
namespace {

// A graph as it was recorded, which is needed until it is instantiated.
class RecordedGraph {
 public:
  // Ranks are threads of one process: each may do what it likes while another captures.
  RecordedGraph(Stream stream, const std::function<void()>& queue) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
          "cudaStreamBeginCapture");
    try {
      queue();
    } catch (...) {
      // The capture has to end before the stream can be used, or be given back.
      cudaStreamEndCapture(stream, &graph_);
      destroy();
      throw;
    }
    check(cudaStreamEndCapture(stream, &graph_), "cudaStreamEndCapture");
  }
  RecordedGraph(const RecordedGraph&) = delete;
  RecordedGraph& operator=(const RecordedGraph&) = delete;
  ~RecordedGraph() { destroy(); }

  cudaGraph_t get() const noexcept { return graph_; }
 private:
  void destroy() noexcept {
    if (graph_ != nullptr) cudaGraphDestroy(graph_);
    graph_ = nullptr;
  }

  cudaGraph_t graph_ = nullptr;
};

}  // namespace

DecodeGraphs::~DecodeGraphs() {
  for (const auto& [key, graph] : graphs_) cudaGraphExecDestroy(graph);
}

void DecodeGraphs::capture(const DecodeGraphKey& key, const std::function<void()>& queue) {
  const RecordedGraph recorded(stream_, queue);
  cudaGraphExec_t graph = nullptr;
  check(cudaGraphInstantiate(&graph, recorded.get(), 0), "cudaGraphInstantiate");
  graphs_.emplace(key, graph);
  ++captured_;
  check(cudaGraphUpload(graph, stream_), "cudaGraphUpload");
}

void DecodeGraphs::launch(const DecodeGraphKey& key) {
  check(cudaGraphLaunch(graphs_.at(key), stream_), "cudaGraphLaunch");
}

}  // namespace turbomind::cuda
