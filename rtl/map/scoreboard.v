// Marks of what is written: for each slot (vector) of a mark set the number of its pixel groups
// that are complete. It does not count by itself, and whoever marks sees to it that the words can
// be read when the mark shows (see feature_memory.v), which it does in the cycle after it came.
// Looking up takes a cycle, so it watches the slot that is looked at, the slot after it and the first
// slot of all sets: its outputs are registers.
`default_nettype none

module scoreboard #(parameter PosBits = 16) (
  input wire clk_i, input wire rst_i,

  // the slot's count becomes mark_count_i
  input wire mark_valid_i, input wire [1:0] mark_set_i, input wire [5:0] mark_slot_i,
  input wire [PosBits-1:0] mark_count_i,

  // one bit a set: all its counts become 0, also that of a mark in this cycle, which is the stage
  // before's
  input wire [3:0] clear_i,

  // The slot looked at, and that after it, which is known for two cycles before it is turned to.
  input wire [1:0] look_set_i, input wire [5:0] look_slot_i, output wire [PosBits-1:0] count_o,
  input wire [5:0] after_slot_i, output wire [PosBits-1:0] after_count_o,

  // The first slot of a set likewise.
  input wire [1:0] first_set_i, output wire [PosBits-1:0] first_count_o,

  // A turn: in the next cycle that slot is looked at, or the slot after, or still the same.
  input wire turn_i, input wire to_first_i, input wire to_after_i
);
  wire [7:0] mark = {mark_set_i, mark_slot_i};

  (* ram_style = "distributed" *)
  reg [PosBits-1:0] counts [0:255];
  always @(posedge clk_i) if (mark_valid_i) counts[mark] <= mark_count_i;

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

  // What is known of a slot in the next cycle, if it is now.
  function [PosBits-1:0] renewed;
    input [PosBits-1:0] count;
    input cleared, marked;
    input [PosBits-1:0] new_count;
    renewed = cleared ? {PosBits{1'b0}} : marked ? new_count : count;
  endfunction

  wire [7:0]         after = {look_set_i, after_slot_i};
  wire               look_cleared = clear_i[look_set_i];
  wire               look_marked = mark_valid_i && mark == {look_set_i, look_slot_i};
  wire               after_marked = mark_valid_i && mark == after;
  wire [PosBits-1:0] found = valid[after] ? counts[after] : {PosBits{1'b0}};
  reg  [PosBits-1:0] count_q, after_count_q;
  wire [PosBits-1:0] count_d = renewed(count_q, look_cleared, look_marked, mark_count_i);
  assign count_o = count_q;
  assign after_count_o = after_count_q;

  wire [4*PosBits-1:0] firsts, firsts_d;
  for (set = 0; set < 4; set = set + 1) begin : g_first
    localparam [1:0] SET = set;
    reg  [PosBits-1:0] first_q;
    wire [PosBits-1:0] first_d = renewed(
      first_q, clear_i[set], mark_valid_i && mark_set_i == SET && mark_slot_i == 6'd0,
      mark_count_i
    );
    always @(posedge clk_i) first_q <= rst_i ? {PosBits{1'b0}} : first_d;
    assign firsts[set*PosBits+:PosBits] = first_q;
    assign firsts_d[set*PosBits+:PosBits] = first_d;
  end
  assign first_count_o = firsts[first_set_i*PosBits+:PosBits];

  always @(posedge clk_i) begin
    after_count_q <= renewed(found, look_cleared, after_marked, mark_count_i);
    if (!turn_i) count_q <= count_d;
    else if (to_first_i) count_q <= firsts_d[first_set_i*PosBits+:PosBits];
    else count_q <= to_after_i ? renewed(after_count_q, look_cleared, after_marked, mark_count_i) : count_d;
  end
endmodule

`default_nettype wire
