// Writes each job's result to memory through the AXI4 write channels: the logits, padded with zeros
// to 16 bytes, in bursts as they gather; when all of those are answered with OKAY, the trailer
// {tape id, job number, 1, CRC-32 of the padded logits} as one last burst; its OKAY is done_o. A
// burst ends at each multiple of the longest one (the largest power of two of BurstBeats at most),
// so none crosses 4 KiB. After another response nothing is written any more until reset: no
// trailer, no done. One logit a cycle while the port keeps up.
//
// An extended one also takes words of stores: as the data of a result in place of logits, or for
// another place, without a trailer.
`default_nettype none

module result_writer #(
  parameter PortBits = 64,    // AXI data width, 32 … 512
  parameter BurstBeats = 16,  // longest burst allowed, 1 … 256, at least 16 bytes
  parameter AddrBits = 32,
  parameter OutLanes = 16,    // logits come in multiples of this, the surplus is dropped
  parameter JobSlots = 3,     // jobs known in advance
  parameter Extended = 0
) (
  input wire clk_i, input wire rst_i,

  // control: starts no burst while stopped, idle when nothing is outstanding; bytes of this cycle
  input wire stop_i, output wire idle_o, output wire [6:0] bytes_o,
  output reg error_valid_o, output reg [7:0] error_code_o,

  // jobs, in the order of their logits: address a multiple of 64, 1 class or more, or else a store
  input wire job_valid_i, output wire job_ready_o, input wire [AddrBits-1:0] job_address_i,
  input wire [31:0] job_tape_id_i, input wire [15:0] job_classes_i, input wire [31:0] job_number_i,

  // logits
  input wire logit_valid_i, output wire logit_ready_o, input wire [31:0] logit_data_i,

  // extended: where the result of the job goes that is being gathered. Words of a store then take
  // the logits' place, or with store_begin_i before them go to another place, without a trailer;
  // store_done_o when all of these are answered with OKAY
  output wire base_valid_o, output wire [AddrBits-1:0] base_o,
  input wire store_begin_i, input wire [AddrBits-1:0] store_base_i, output wire store_done_o,
  input wire store_valid_i, output wire store_ready_o, input wire [127:0] store_data_i,
  input wire store_last_i,

  // one pulse a result completed
  output wire done_o, output wire [31:0] done_tape_id_o,

  // AXI4 write address, data and response channels
  output wire axi_awvalid_o, input wire axi_awready_i, output wire [AddrBits-1:0] axi_awaddr_o,
  output wire [7:0] axi_awlen_o, output wire [2:0] axi_awsize_o, output wire [1:0] axi_awburst_o,
  output wire axi_wvalid_o, input wire axi_wready_i, output wire [PortBits-1:0] axi_wdata_o,
  output wire [PortBits/8-1:0] axi_wstrb_o, output wire axi_wlast_o,
  input wire axi_bvalid_i, output wire axi_bready_o, input wire [1:0] axi_bresp_i
);
  `include "register_map.vh"

  localparam [31:0] TRAILER_STATUS = 32'd1, LANE_MASK = OutLanes - 1;

  if ((1 << $clog2(OutLanes)) != OutLanes)
    result_writer_OutLanes_must_be_a_power_of_two u_stop ();

  // Jobs.
  wire                          job_valid;
  wire [AddrBits-1:0]           address;
  wire [31:0]                   tape_id, number;
  wire [15:0]                   classes;
  wire [$clog2(JobSlots+1)-1:0] unused_jobs;
  fifo #(.Width(AddrBits + 80), .Depth(JobSlots)) u_jobs (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(job_valid_i), .ready_o(job_ready_o),
    .data_i({job_address_i, job_tape_id_i, job_classes_i, job_number_i}), .valid_o(job_valid),
    .ready_i(done_o), .data_o({address, tape_id, classes, number}), .count_o(unused_jobs)
  );

  // Logits to words of four.
  localparam [1:0] LOGITS = 2'd0;   // gathering
  localparam [1:0] WAIT = 2'd1;     // for the responses of the data's bursts
  localparam [1:0] TRAILER = 2'd2;  // handing the trailer over
  localparam [1:0] FINISH = 2'd3;   // waiting for its response

  reg  [1:0]   state_q;
  reg          started_q;  // the words of this job have an address
  reg          failed_q;
  reg  [15:0]  count_q;    // logits of the job taken, the surplus included
  reg  [95:0]  gathered_q;
  reg          word_valid_q, word_last_q;
  reg  [127:0] word_q;
  reg  [31:0]  crc_q;
  wire [31:0]  crc_next;

  wire word_ready;
  wire settled;  // no burst waits or is outstanding
  wire answered;

  wire room = !word_valid_q || word_ready;
  wire surplus = count_q >= classes;
  wire last = count_q + 16'd1 >= classes;
  // The last logit of all, dropped ones included.
  wire        final_one = (&(count_q | ~LANE_MASK[15:0])) && last;
  wire        take = logit_valid_i && logit_ready_o;
  wire [31:0] kept = surplus ? 32'd0 : logit_data_i;
  wire [1:0]  place = count_q[1:0];
  wire        word_full = take && !surplus && (place == 2'd3 || last);
  wire [31:0] trailer_crc = ~crc_q;

  wire   gathers = state_q == LOGITS && started_q;
  assign logit_ready_o = gathers && room;

  // A store's words.
  wire   begins, store, store_ends, scratch;
  assign base_valid_o = gathers;
  assign base_o       = address;
  assign store_done_o = scratch && state_q == WAIT && settled && !failed_q;
  if (Extended != 0) begin : g_stores
    reg scratch_q;
    assign store_ready_o = gathers && room;
    assign begins     = store_begin_i;
    assign store      = store_valid_i && store_ready_o;
    assign store_ends = store && store_last_i;
    assign scratch    = scratch_q;
    always @(posedge clk_i)
      if (rst_i || store_done_o) scratch_q <= 1'b0;
      else if (begins) scratch_q <= 1'b1;
  end else begin : g_no_stores
    assign store_ready_o = 1'b0;
    assign {begins, store, store_ends, scratch} = 4'd0;
    wire unused_store = &{1'b0, store_begin_i, store_valid_i, store_last_i};
  end

  crc32 u_crc (.crc_i(crc_q), .data_i(word_q), .words_i(3'd4), .crc_o(crc_next));

  always @(posedge clk_i) begin
    if (take && !surplus) begin
      if (place == 2'd0) gathered_q <= {64'd0, kept};
      else if (place == 2'd1) gathered_q[63:32] <= kept;
      else if (place == 2'd2) gathered_q[95:64] <= kept;
    end
    if (store) begin
      word_last_q <= store_last_i;
      word_q      <= store_data_i;
    end else if (word_full) begin
      word_last_q <= last;
      case (place)
        2'd0:    word_q <= {96'd0, kept};
        2'd1:    word_q <= {64'd0, kept, gathered_q[31:0]};
        2'd2:    word_q <= {32'd0, kept, gathered_q[63:0]};
        default: word_q <= {kept, gathered_q};
      endcase
    end else if (state_q == WAIT && settled) begin
      word_last_q <= 1'b1;
      word_q      <= {trailer_crc, TRAILER_STATUS, number, tape_id};
    end
  end

  always @(posedge clk_i) begin
    if (word_full || store) word_valid_q <= 1'b1;
    else if (word_ready) word_valid_q <= 1'b0;
    if (take) count_q <= final_one ? 16'd0 : count_q + 16'd1;
    if (state_q == LOGITS) started_q <= job_valid;
    case (state_q)
      LOGITS: if ((take && final_one) || store_ends) state_q <= WAIT;
      WAIT: if (store_done_o) begin
        state_q   <= LOGITS;
        started_q <= 1'b0;
      end else if (settled && !failed_q) begin
        state_q      <= TRAILER;
        word_valid_q <= 1'b1;
      end
      TRAILER: if (word_ready) state_q <= FINISH;
      default: if (done_o) begin
        state_q   <= LOGITS;
        started_q <= 1'b0;
      end
    endcase
    if (!started_q) crc_q <= 32'hffff_ffff;
    else if (word_valid_q && word_ready && state_q != TRAILER) crc_q <= crc_next;
    if (rst_i) begin
      state_q <= LOGITS;
      {started_q, count_q, word_valid_q} <= 0;
    end
  end

  assign done_o         = state_q == FINISH && answered && !axi_bresp_i[1];
  assign done_tape_id_o = tape_id;

  // Bursts, and their responses.
  wire words_settled;
  assign settled  = words_settled && !word_valid_q;
  assign answered = axi_bvalid_i;

  burst_writer #(.PortBits(PortBits), .BurstBeats(BurstBeats), .AddrBits(AddrBits)) u_bursts (
    .clk_i(clk_i), .rst_i(rst_i), .stop_i(stop_i || failed_q), .idle_o(idle_o),
    .settled_o(words_settled), .bytes_o(bytes_o), .base_load_i(!started_q || begins),
    .base_i(begins ? store_base_i : address),
    .word_valid_i(word_valid_q), .word_ready_o(word_ready), .word_data_i(word_q),
    .word_last_i(word_last_q), .axi_awvalid_o(axi_awvalid_o), .axi_awready_i(axi_awready_i),
    .axi_awaddr_o(axi_awaddr_o), .axi_awlen_o(axi_awlen_o), .axi_awsize_o(axi_awsize_o),
    .axi_awburst_o(axi_awburst_o), .axi_wvalid_o(axi_wvalid_o), .axi_wready_i(axi_wready_i),
    .axi_wdata_o(axi_wdata_o), .axi_wstrb_o(axi_wstrb_o), .axi_wlast_o(axi_wlast_o),
    .axi_bvalid_i(axi_bvalid_i), .axi_bready_o(axi_bready_o)
  );

  wire error = axi_bvalid_i && axi_bresp_i[1];
  always @(posedge clk_i) begin
    if (rst_i) failed_q <= 1'b0;
    else if (error) failed_q <= 1'b1;
    error_valid_o <= !rst_i && error;
    error_code_o  <= axi_bresp_i[0] ? ERROR_WRITE_DECERR : ERROR_WRITE_SLVERR;
  end
endmodule

`default_nettype wire
