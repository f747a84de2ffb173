// Two clients of the read port as one: bursts of the first go before bursts of the second, and the
// beats, which come in the order of the bursts, go to the client whose burst is the oldest. No
// latency, one burst and one beat a cycle.
`default_nettype none

module read_merge #(
  parameter AddrBits = 32,
  parameter Outstanding = 8  // bursts whose last beat has not come, at most
) (
  input wire clk_i, input wire rst_i,

  // the clients
  input wire first_valid_i, output wire first_ready_o, input wire [AddrBits-1:0] first_addr_i,
  input wire [8:0] first_beats_i, output wire first_beat_valid_o,
  input wire second_valid_i, output wire second_ready_o, input wire [AddrBits-1:0] second_addr_i,
  input wire [8:0] second_beats_i, output wire second_beat_valid_o,

  // both of them; beat_last_i comes with the last beat of a burst
  output wire burst_valid_o, input wire burst_ready_i, output wire [AddrBits-1:0] burst_addr_o,
  output wire [8:0] burst_beats_o, input wire beat_valid_i, input wire beat_last_i
);
  wire room, owner_is_second, unused_owner;
  wire [$clog2(Outstanding+1)-1:0] unused_open;

  // The port never has more bursts open than the queue holds, so there is room whenever it is ready.
  assign burst_valid_o  = (first_valid_i || second_valid_i) && room;
  assign burst_addr_o   = first_valid_i ? first_addr_i : second_addr_i;
  assign burst_beats_o  = first_valid_i ? first_beats_i : second_beats_i;
  assign first_ready_o  = burst_ready_i && room;
  assign second_ready_o = burst_ready_i && room && !first_valid_i;

  assign first_beat_valid_o  = beat_valid_i && !owner_is_second;
  assign second_beat_valid_o = beat_valid_i && owner_is_second;

  fifo #(.Width(1), .Depth(Outstanding)) u_owners (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(burst_valid_o && burst_ready_i), .ready_o(room),
    .data_i(!first_valid_i), .valid_o(unused_owner), .ready_i(beat_valid_i && beat_last_i),
    .data_o(owner_is_second), .count_o(unused_open)
  );
endmodule

`default_nettype wire
