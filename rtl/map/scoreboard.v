// Marks of what is written: for each slot (vector) of a mark set the number of its pixel groups
// that are complete. A mark or a clear shows in the cycle after it; looking up is combinational,
// one a cycle. It does not count by itself, and whoever marks sees to it that the words can be read
// when the mark shows (see feature_memory.v).
`default_nettype none

module scoreboard #(parameter PosBits = 16) (
  input wire clk_i, input wire rst_i,

  // the slot's count becomes mark_count_i
  input wire mark_valid_i, input wire [1:0] mark_set_i, input wire [5:0] mark_slot_i,
  input wire [PosBits-1:0] mark_count_i,

  // one bit a set: all its counts become 0, also that of a mark in this cycle, which is the stage
  // before's
  input wire [3:0] clear_i,

  input wire [1:0] look_set_i, input wire [5:0] look_slot_i, output wire [PosBits-1:0] count_o
);
  (* ram_style = "distributed" *)
  reg [PosBits-1:0] counts [0:255];
  always @(posedge clk_i) if (mark_valid_i) counts[{mark_set_i, mark_slot_i}] <= mark_count_i;

  // A memory cannot be cleared in one cycle, flip-flops beside it can.
  wire [255:0] valid;
  genvar set;
  for (set = 0; set < 4; set = set + 1) begin : g_set
    localparam [1:0] SET = set;
    reg [63:0] valid_q;
    always @(posedge clk_i) begin
      if (rst_i || clear_i[set]) valid_q <= 64'd0;
      else if (mark_valid_i && mark_set_i == SET) valid_q[mark_slot_i] <= 1'b1;
    end
    assign valid[64*set+:64] = valid_q;
  end

  wire [7:0] look = {look_set_i, look_slot_i};
  assign count_o = valid[look] ? counts[look] : {PosBits{1'b0}};
endmodule

`default_nettype wire
