import { useSay } from "../words";
import { ClockMenu } from "./clock";
import { useOffice } from "./office";
import { useTour } from "./tour";

interface Props {
  onMenu: () => void;
  isMenuOpen: boolean;
  onDrawer: () => void;
  isDrawerOpen: boolean;
}

/** The workspace's name, the clock, and the two things that open and close: menu and drawer. */
export function TopBar({ onMenu, isMenuOpen, onDrawer, isDrawerOpen }: Props) {
  const { slices } = useOffice();
  const say = useSay();
  const { isHidden, show } = useTour();
  return (
    <header className="top-bar">
      <button type="button" className="menu-button" aria-expanded={isMenuOpen} aria-controls="sidebar" aria-label={say("menu")} onClick={onMenu}>
        ☰
      </button>
      <strong className="team">{slices.team.name}</strong>
      <ClockMenu />
      <span className="space" />
      {slices.tour && isHidden && (
        <button type="button" onClick={show}>
          {say("tourShow")}
        </button>
      )}
      {slices.slack.mood !== "fine" && (
        <span className="mood">
          {say("slackIs")} {say(slices.slack.mood)}
        </span>
      )}
      <button type="button" aria-expanded={isDrawerOpen} onClick={onDrawer}>
        <span aria-hidden="true">&lt;/&gt; </span>
        <span className="label">{say("drawer")}</span>
      </button>
    </header>
  );
}
