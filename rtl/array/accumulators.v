// Three banks of accumulators of a column's output lanes: adds a sum a cycle to one group (or starts the group with
// it), and hands out, one lane a cycle, the groups that drain tokens name. Sums wrap at AccBits.
//
// A bank has one read port. Reads to add and reads to drain must not meet there: a bank with drain tokens to come is
// entered by first tiles only, which do not read. One group may be added to every 4 cycles.
// A sum comes 2 cycles after its token; a drained sum comes out 2 cycles after the drain token.
`default_nettype none

module accumulators #(
    parameter Lanes = 2,
    parameter Depth = 64,
    parameter AccBits = 25,
    parameter GroupBits = Depth > 1 ? $clog2(Depth) : 1  // derived
) (
    input  wire                 clk_i,
    input  wire                 rst_i,

    // token of a sum, and the sum 2 cycles later
    input  wire                 add_valid_i,
    input  wire                 add_first_i,
    input  wire [1:0]           add_bank_i,
    input  wire [GroupBits-1:0] add_group_i,
    input  wire [18:0]          lower_i,
    input  wire [18:0]          upper_i,
    input  wire                 carry_i,   // belongs to the upper sum

    // drain token, at most one every Lanes cycles
    input  wire                 drain_valid_i,
    input  wire [1:0]           drain_bank_i,
    input  wire [GroupBits-1:0] drain_group_i,
    output wire [AccBits-1:0]   drain_data_o
);
  localparam Width = Lanes * AccBits;

  // Stages of an addition: read, choose the bank, add, write.
  reg                 chosen_valid_q;
  reg                 sum_valid_q;
  reg                 write_valid_q;
  reg                 chosen_first_q;
  reg                 sum_first_q;
  reg [1:0]           chosen_bank_q;
  reg [1:0]           sum_bank_q;
  reg [1:0]           write_bank_q;
  reg [GroupBits-1:0] chosen_group_q;
  reg [GroupBits-1:0] sum_group_q;
  reg [GroupBits-1:0] write_group_q;

  always @(posedge clk_i) begin
    if (rst_i) begin
      chosen_valid_q <= 1'b0;
      sum_valid_q    <= 1'b0;
      write_valid_q  <= 1'b0;
    end else begin
      chosen_valid_q <= add_valid_i;
      sum_valid_q    <= chosen_valid_q;
      write_valid_q  <= sum_valid_q;
    end
    chosen_first_q <= add_first_i;
    sum_first_q    <= chosen_first_q;
    chosen_bank_q  <= add_bank_i;
    sum_bank_q     <= chosen_bank_q;
    write_bank_q   <= sum_bank_q;
    chosen_group_q <= add_group_i;
    sum_group_q    <= chosen_group_q;
    write_group_q  <= sum_group_q;
  end

  reg [Width-1:0] write_data_q;

  genvar b;
  generate
    for (b = 0; b < 3; b = b + 1) begin : g_bank
      localparam [31:0] BANK = b;
      wire             drain = drain_valid_i && drain_bank_i == BANK[1:0];
      wire             add   = add_valid_i && !add_first_i && add_bank_i == BANK[1:0];
      wire [Width-1:0] data;
      accumulator_bank #(
          .Width(Width),
          .Depth(Depth)
      ) u_bank (
          .clk_i       (clk_i),
          .write_i     (write_valid_q && write_bank_q == BANK[1:0]),
          .write_addr_i(write_group_q),
          .write_data_i(write_data_q),
          .read_i      (drain || add),
          .read_addr_i (drain ? drain_group_i : add_group_i),
          .read_data_o (data)
      );
`ifdef FORMAL
      always @(posedge clk_i) if (!rst_i) assert (!(drain && add));
`endif
    end
  endgenerate

  // Added sum: chosen bank's word, one cycle later with the sum of the segments.
  reg [Width-1:0] before_q;
  always @(posedge clk_i) begin
    if (chosen_valid_q) begin
      case (chosen_bank_q)
        2'd0:    before_q <= g_bank[0].data;
        2'd1:    before_q <= g_bank[1].data;
        default: before_q <= g_bank[2].data;
      endcase
    end
  end

  wire [AccBits-1:0] lower      = {{(AccBits - 19) {lower_i[18]}}, lower_i};
  wire [AccBits-1:0] lower_base = sum_first_q ? {AccBits{1'b0}} : before_q[AccBits-1:0];

  generate
    if (Lanes == 2) begin : g_upper
      // A bit below the sum brings the carry into the adder.
      wire [AccBits-1:0] upper_base = sum_first_q ? {AccBits{1'b0}} : before_q[Width-1:AccBits];
      wire [AccBits:0]   upper      = {{(AccBits - 19) {upper_i[18]}}, upper_i, 1'b1}
                                    + {upper_base, carry_i};
      wire               unused     = upper[0];
      always @(posedge clk_i) write_data_q <= {upper[AccBits:1], lower + lower_base};
    end else begin : g_lower
      wire unused = &{upper_i, carry_i};
      always @(posedge clk_i) write_data_q <= lower + lower_base;
    end
  endgenerate

  // Drained sum: lane 0 in the first cycle behind the read, lane 1 in the second.
  reg  [1:0]         drain_bank_q;
  reg                drain_lane_q;
  reg  [AccBits-1:0] drain_data_q;
  wire [Width-1:0]   drained = drain_bank_q == 2'd0 ? g_bank[0].data
                             : drain_bank_q == 2'd1 ? g_bank[1].data : g_bank[2].data;

  always @(posedge clk_i) begin
    drain_lane_q <= !drain_valid_i;
    if (drain_valid_i) drain_bank_q <= drain_bank_i;
  end

  generate
    if (Lanes == 2) begin : g_drain_two
      always @(posedge clk_i) begin
        drain_data_q <= drain_lane_q ? drained[Width-1:AccBits] : drained[AccBits-1:0];
      end
    end else begin : g_drain_one
      wire unused = drain_lane_q;
      always @(posedge clk_i) drain_data_q <= drained;
    end
  endgenerate

  assign drain_data_o = drain_data_q;
endmodule

`default_nettype wire
