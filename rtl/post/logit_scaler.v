// (sum * m + 2^(s-1)) >> s in the low 32 bits, s = 1...47, by shifting and adding: no multiplier. The product comes
// a bit of m a cycle, then moves right by 8 or 1 a cycle. At most 31 cycles from sum to logit; one at a time, but a
// logit that is not taken yet does not keep the next product waiting.
`default_nettype none

module logit_scaler #(
    parameter SumBits = 40
) (
    input  wire               clk_i,
    input  wire               rst_i,

    // stream in
    input  wire               valid_i,
    output wire               ready_o,
    input  wire [SumBits-1:0] sum_i,        // signed
    input  wire [15:0]        multiplier_i,
    input  wire [5:0]         shift_i,

    // stream out
    output wire               valid_o,
    input  wire               ready_i,
    output wire [31:0]        data_o
);
  localparam [1:0] IDLE = 2'd0;
  localparam [1:0] MULTIPLY = 2'd1;
  localparam [1:0] SHIFT = 2'd2;

  reg [1:0]          state_q;
  reg [3:0]          bit_q;
  reg [5:0]          left_q;
  reg [SumBits-1:0]  sum_q;
  reg [SumBits+15:0] product_q;  // upper part of the product, rest of the multiplier
  reg                valid_q;
  reg [31:0]         data_q;

  wire                 sign    = product_q[SumBits+15];
  wire [SumBits-1:0]   addend  = product_q[0] ? sum_q : {SumBits{1'b0}};
  wire [SumBits:0]     upper   = {sign, product_q[SumBits+15:16]} + {addend[SumBits-1], addend};
  wire [32:0]          rounded = product_q[32:0] + 33'd1;
  wire                 unused  = rounded[0];
  wire                 space   = !valid_q || ready_i;

  always @(posedge clk_i) begin
    case (state_q)
      IDLE: begin
        sum_q     <= sum_i;
        product_q <= {{SumBits{1'b0}}, multiplier_i};
        left_q    <= shift_i - 6'd1;
        bit_q     <= 4'd0;
      end
      MULTIPLY: begin
        product_q <= {upper, product_q[15:1]};
        bit_q     <= bit_q + 4'd1;
      end
      default: begin
        if (left_q[5:3] != 3'd0) begin
          product_q <= {{8{sign}}, product_q[SumBits+15:8]};
          left_q    <= left_q - 6'd8;
        end else if (left_q != 6'd0) begin
          product_q <= {sign, product_q[SumBits+15:1]};
          left_q    <= left_q - 6'd1;
        end else if (space) begin
          data_q <= rounded[32:1];
        end
      end
    endcase
  end

  wire done = state_q == SHIFT && left_q == 6'd0 && space;

  always @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= IDLE;
      valid_q <= 1'b0;
    end else begin
      if (done) valid_q <= 1'b1;
      else if (ready_i) valid_q <= 1'b0;
      case (state_q)
        IDLE:     if (valid_i) state_q <= MULTIPLY;
        MULTIPLY: if (bit_q == 4'd15) state_q <= SHIFT;
        default:  if (done) state_q <= IDLE;
      endcase
    end
  end

  assign ready_o = state_q == IDLE;
  assign valid_o = valid_q;
  assign data_o  = data_q;

`ifdef FORMAL
  reg        past_valid_q;
  reg        past_stall_q;
  reg [31:0] past_data_q;
  initial past_valid_q = 1'b0;
  always @(posedge clk_i) begin
    past_valid_q <= !rst_i;
    past_stall_q <= valid_o && !ready_i;
    past_data_q  <= data_o;
    if (past_valid_q && past_stall_q) assert (valid_o && data_o == past_data_q);
  end
`endif
endmodule

`default_nettype wire
